using System.CommandLine;
using System.Text.Json.Nodes;
using UmmRm.Data;
using UmmRm.Generation;
using UmmRm.Recipes;
using UmmRm.Reports;
using UmmRm.Runtime;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm generate</c></summary>
internal sealed class GenerateCommand : Verb
{
    private const int RowsAChunk = 1000;

    private readonly Option<string> _model = OptionOf.Text("--model", "DIR", "a language model's folder or hub id (org/name[@revision])", required: true);
    private readonly Option<string> _input = OptionOf.Text("--input", "FILE", "rows with prompt (default: stdin)");
    private readonly Option<string> _output = OptionOf.Text("--output", "FILE", "where the rows go with their responses (default: stdout)");
    private readonly Option<bool> _greedy = OptionOf.Switch("--greedy", "always the most likely token");
    private readonly Option<double?> _temperature = OptionOf.Number("--temperature", "T", "divides the logits (default: 1)", 0.001, 100);
    private readonly Option<double?> _topP = OptionOf.Number("--top-p", "P", "draws from the smallest set of tokens that has this probability (default: 1)", 0.001, 1);
    private readonly Option<int?> _maxNewTokens = OptionOf.Integer("--max-new-tokens", "N", "most tokens of a response, the end token included (default: 256)", 1, 1_000_000);
    private readonly Option<string> _template = OptionOf.Text("--template", "NAME", "how a prompt becomes the text to continue: chat (the model's own chat template), alpaca, coste, hh, or a .jinja or .json file (default: raw, the prompt as it is)");

    public GenerateCommand()
        : base("generate", VerbGroup.Use, "responses from a language model",
            "Answers the prompt of every row: adds response, the text, and ids, its tokens with the end token if it was reached; a response that the length limit cut gets ended: false. All other fields and the order are kept. "
            + "Draws depend on the seed and the row's number alone, not on the batch.")
    {
        foreach (var option in (Option[])[_model, _input, _output, _greedy, _temperature, _topP, _maxNewTokens, _template])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("generate --model runs/sft/model --greedy --max-new-tokens 64 --template alpaca --input prompts.jsonl", "the most likely answers"),
        new("generate --model runs/sft/model --temperature 0.7 --top-p 0.9 --seed 1 < prompts.jsonl > responses.jsonl", "sampled ones"),
    ];

    public override int Run(Invocation invocation)
    {
        if (invocation.Value(_greedy) && (invocation.Value(_temperature) ?? invocation.Value(_topP)) is not null)
            throw new UsageException("--greedy contradicts --temperature and --top-p: it always takes the most likely token");
        var rows = RowInput.Open(invocation.Value(_input), invocation);
        using var output = new RowOutput(invocation.Value(_output), invocation.Terminal);
        invocation.UseThreads();
        var folder = ModelFolder.Open(invocation.Model(invocation.Value(_model)!));
        var encoder = folder.Encoder(invocation.Value(_template) ?? "raw");
        using var model = folder.LoadLanguageModel();
        model.eval();
        foreach (var chunk in rows.Chunk(RowsAChunk))
        {
            var sampler = new Sampler(model, Settings(invocation, folder, encoder, output.Count));
            var before = output.Count;
            var drawn = sampler.Generate([.. chunk.Select(row => Prompt(row, encoder, folder, Limit(invocation)))],
                done => invocation.Terminal.Progress.Report(new ProgressReport("generating", before + done, 0, "responses")), invocation.Stopping);
            foreach (var (row, continuation) in chunk.Zip(drawn))
                Answer(row, continuation, encoder);
            output.Write(chunk);
        }
        output.Commit();
        if (invocation.Json && output.IsFile)
        {
            invocation.Terminal.Json(json =>
            {
                json.WriteString("output", Path.GetFullPath(invocation.Value(_output)!));
                json.WriteNumber("rows", output.Count);
            });
        }
        return ExitCode.Done;
    }

    private int Limit(Invocation invocation) => invocation.Value(_maxNewTokens) ?? 256;

    /// <summary>Every chunk of rows draws from a stream of its own, named by its first row.</summary>
    private SamplingSettings Settings(Invocation invocation, ModelFolder folder, SequenceEncoder encoder, long firstRow) => new()
    {
        Temperature = invocation.Value(_greedy) ? 0 : invocation.Value(_temperature) ?? 1,
        TopP = invocation.Value(_topP) ?? 1,
        MaxNewTokens = Limit(invocation),
        EndIds = folder.EndIds(encoder),
        PadId = folder.PadId,
        Seed = (long)(new SeededRandom(invocation.Seed ?? 0).Fork($"rows from {firstRow}").NextUInt64() >> 1),
    };

    private static int[] Prompt(DataRow row, SequenceEncoder encoder, ModelFolder folder, int newTokens)
    {
        var prompt = PromptData.FromRow(row);
        var ids = InRow.Of(row.Origin, () => encoder.EncodePrompt(prompt));
        var positions = folder.Config.Model.MaxPositions;
        return ids.Length + newTokens <= positions && ids.Length > 0
            ? ids
            : throw new InvalidDataException($"{row.Origin}: the prompt has {ids.Length} tokens; with {newTokens} new ones it must fit the model's {positions} positions, and it must not be empty: shorten it, or lower --max-new-tokens");
    }

    private static void Answer(DataRow answered, Continuation drawn, SequenceEncoder encoder)
    {
        var row = answered.Fields;
        row["response"] = encoder.DecodeResponse(PromptData.FromRow(answered), drawn.Ids, drawn.Ended).Response;
        row["ids"] = new JsonArray([.. drawn.Ids.Select(id => (JsonNode)id)]);
        if (!drawn.Ended)
            row["ended"] = false;
        else
            row.Remove("ended"); // what an earlier response was
    }
}
