using System.CommandLine;
using UmmRm.Data;
using UmmRm.Reports;
using UmmRm.Tokenization;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm tokenizer train</c></summary>
internal sealed class TokenizerTrainCommand : Verb
{
    private readonly Option<string> _data = OptionOf.Text("--data", "PATH[:SPLIT]", "rows, of which every text counts: prompts, responses, conversations", required: true);
    private readonly Option<int?> _size = OptionOf.Integer("--vocab-size", "N", "number of tokens: special ones, 256 bytes and merges (default: 8192)", 258, 10_000_000);
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "where tokenizer.json and tokenizer_config.json go", required: true);
    private readonly Option<string> _pad = OptionOf.Text("--pad-token", "TOKEN", "fills up short rows; it gets id 0", "<|pad|>");
    private readonly Option<string> _end = OptionOf.Text("--eos-token", "TOKEN", "ends a text; it gets id 1", "<|endoftext|>");
    private readonly Option<string> _begin = OptionOf.Text("--bos-token", "TOKEN", "begins every text (default: there is none)");
    private readonly Option<string[]> _special = OptionOf.Many("--special", "TOKEN ...", "further tokens that are never split");

    public TokenizerTrainCommand()
        : base("tokenizer train", VerbGroup.Build, "a byte-level BPE tokenizer from texts",
            "Trains a byte-level BPE tokenizer, as GPT-2's: the most frequent pair of neighbours becomes a token, until the vocabulary is full. Vocabulary and merges are those of Hugging Face's trainer, whose libraries load the files.")
    {
        foreach (var option in (Option[])[_data, _size, _output, _pad, _end, _begin, _special])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("tokenizer train --data train.jsonl.gz --vocab-size 8192 --output ./tokenizer", "from a data set's texts"),
        new("tokenizer train --data ./hh:train --vocab-size 16384 --special [USER] [BOT] --output ./tokenizer", "with tokens of a chat format"),
    ];

    public override int Run(Invocation invocation)
    {
        var (pad, end, begin) = (invocation.Value(_pad)!, invocation.Value(_end)!, invocation.Value(_begin));
        var settings = new BpeTrainerSettings
        {
            VocabularySize = invocation.Value(_size) ?? 8192,
            SpecialTokens = [.. new[] { pad, end, begin }.OfType<string>().Concat(invocation.Value(_special)!).Distinct()],
            PadToken = pad,
            EndToken = end,
            BeginToken = begin,
        };
        var texts = TextColumns.Read(invocation.Rows(invocation.Value(_data)!));
        var trained = BpeTrainer.Train(BpeTrainer.Lines(texts), settings, done => invocation.Terminal.Progress.Report(new ProgressReport("tokenizer", done, settings.VocabularySize, "tokens")), invocation.Stopping);
        var folder = invocation.Value(_output)!;
        trained.Write(folder);
        if (invocation.Json)
        {
            invocation.Terminal.Json(json =>
            {
                json.WriteString("output", Path.GetFullPath(folder));
                json.WriteNumber("vocab_size", trained.Vocabulary.Count);
                json.WriteNumber("merges", trained.Merges.Count);
            });
        }
        else
        {
            invocation.Terminal.Result($"tokenizer: {folder}, {trained.Vocabulary.Count} tokens\n");
        }
        if (trained.Vocabulary.Count < settings.VocabularySize)
            invocation.Terminal.Warn($"the texts have no more pairs to merge: {trained.Vocabulary.Count} of {settings.VocabularySize} tokens");
        return ExitCode.Done;
    }
}
