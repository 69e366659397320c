using UmmRm.Tokenization;

namespace UmmRm.Data;

/// <summary>
/// The one way from texts to token ids, for training, evaluation, sampling and serving alike: a text is rendered whole, tokenized once, and
/// ends with the end-of-text token where the template asks for it and it is missing. A response that a length limit cut gets none. A chat
/// template brings its special tokens itself: nothing is added to what it renders.
/// </summary>
public sealed class SequenceEncoder
{
    private readonly Tokenizer _tokenizer;

    /// <summary>An encoder.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="template">How prompt and response become one text.</param>
    /// <param name="endId">The token that ends a response, appended where the template asks for it; null when the model has none.</param>
    /// <param name="maxLength">Most tokens of a text; 0 is no limit.</param>
    /// <param name="overLength">What is done with longer ones.</param>
    /// <exception cref="ArgumentException">The template wants an end token and the model names none.</exception>
    public SequenceEncoder(Tokenizer tokenizer, PromptTemplate template, int? endId, int maxLength = 0, OverLength overLength = OverLength.Drop)
    {
        if (template.AppendsEos && endId is null)
            throw new ArgumentException($"template '{template.Name}' ends texts with the end-of-text token, and the model's config.json names no eos_token_id");
        (_tokenizer, Template, EndId, MaxLength, OverLength) = (tokenizer, template, endId, maxLength, overLength);
    }

    /// <summary>How prompt and response become one text.</summary>
    public PromptTemplate Template { get; }

    /// <summary>The token that ends a response, or null.</summary>
    public int? EndId { get; }

    /// <summary>Most tokens of a text; 0 is no limit.</summary>
    public int MaxLength { get; }

    /// <summary>What is done with longer texts.</summary>
    public OverLength OverLength { get; }

    /// <summary>What a policy is given to continue.</summary>
    public int[] EncodePrompt(Conversation prompt) => Ids(Template.Render(prompt));

    /// <summary>What a policy wrote after a prompt, as text: the way back from <see cref="EncodePrompt"/>.</summary>
    /// <param name="prompt">What it answered.</param>
    /// <param name="ids">The new tokens; when it ended by itself the end token is the last one, and no part of the text.</param>
    /// <param name="ended">false when a length limit cut it.</param>
    public Completion DecodeResponse(Conversation prompt, ReadOnlySpan<int> ids, bool ended)
    {
        var response = Template.ResponseIn(prompt, _tokenizer.Decode(ended ? ids[..^1] : ids));
        return new Completion(prompt, ended ? BeforeEnd(Template.EndingOf(prompt), _tokenizer.Decode(ids[^1..]), response) : response, ended);
    }

    /// <summary>A text that stands alone, exactly as the tokenizer's own post-processor says: nothing is appended.</summary>
    public int[] EncodeText(string text, bool addSpecialTokens = true) => _tokenizer.Encode(text, addSpecialTokens);

    /// <summary>Whether the tokens that the tokenizer puts before every text stand there twice: the text brought them along.</summary>
    public bool BeginsTwice(ReadOnlySpan<int> ids) => _tokenizer.PrefixIds is [_, ..] begin && ids.StartsWith([.. begin, .. begin]);

    /// <summary>The ids of a prompt with a response.</summary>
    public int[] Encode(Completion completion) => WithEnd(Ids(Template.Render(completion.Prompt, completion.Response, completion.Ended)), completion.Ended);

    /// <summary>The ids of a prompt with a response, and where the response begins: at the first token that holds any of it.</summary>
    public EncodedText EncodeWithStart(Completion completion, int index = 0)
    {
        var rendered = Template.Render(completion.Prompt, completion.Response, completion.Ended);
        var tokens = _tokenizer.EncodeWithOffsets(rendered.Text, !Template.BringsSpecialTokens);
        return new EncodedText(WithEnd([.. tokens.Ids], completion.Ended), TokenAt(tokens, rendered.ResponseStart), index);
    }

    /// <summary>A text within the limit, its prompt shortened from the start where that is asked for, but not the template's cue to answer; null when it is to be left out.</summary>
    /// <param name="text">The prompt's text, with a response or without.</param>
    /// <param name="prompt">The prompt.</param>
    public EncodedText? Fit(EncodedText text, Conversation prompt)
    {
        var excess = MaxLength == 0 ? 0 : text.Ids.Length - MaxLength;
        if (excess <= 0)
            return text;
        var kept = KeptAtStart(text.Ids);
        if (OverLength == OverLength.Drop || Math.Min(text.ResponseStart, CueStart(prompt)) - kept < excess)
            return null;
        return text with { Ids = [.. text.Ids[..kept], .. text.Ids[(kept + excess)..]], ResponseStart = text.ResponseStart - excess };
    }

    /// <summary>Preference pairs as ids; those with a side over the limit are shortened or left out, both sides by the same number of tokens.</summary>
    /// <returns>The pairs kept, and how many were left out and shortened.</returns>
    public (IReadOnlyList<EncodedPair> Pairs, int Dropped, int Cut) Encode(IReadOnlyList<PreferencePair> pairs)
    {
        var kept = new List<EncodedPair>(pairs.Count);
        var cut = 0;
        for (var i = 0; i < pairs.Count; i++)
        {
            var (pair, index, shortened) = (pairs[i], i, false);
            var encoded = InRow.Of(pair.Origin, () => Encode(pair, index, out shortened));
            if (encoded is null)
                continue;
            kept.Add(encoded);
            cut += shortened ? 1 : 0;
        }
        return (kept, pairs.Count - kept.Count, cut);
    }

    /// <summary>A response less what the template writes between it and the end token, such as a space.</summary>
    private static string BeforeEnd(string ending, string end, string response) =>
        ending.IndexOf(end, StringComparison.Ordinal) is var at and > 0 && response.EndsWith(ending[..at], StringComparison.Ordinal) ? response[..^at] : response;

    private EncodedPair? Encode(PreferencePair pair, int index, out bool shortened)
    {
        shortened = false;
        var chosen = Encode(new Completion(pair.Prompt, pair.Chosen, pair.ChosenEnded));
        var rejected = Encode(new Completion(pair.Prompt, pair.Rejected, pair.RejectedEnded));
        var excess = MaxLength == 0 ? 0 : Math.Max(chosen.Length, rejected.Length) - MaxLength;
        if (excess > 0)
        {
            var kept = KeptAtStart(chosen);
            var room = new[] { CueStart(pair.Prompt), EncodeWithStart(new Completion(pair.Prompt, pair.Chosen)).ResponseStart, EncodeWithStart(new Completion(pair.Prompt, pair.Rejected)).ResponseStart }.Min() - kept;
            if (OverLength == OverLength.Drop || room < excess)
                return null;
            (chosen, rejected, shortened) = ([.. chosen[..kept], .. chosen[(kept + excess)..]], [.. rejected[..kept], .. rejected[(kept + excess)..]], true);
        }
        return new EncodedPair(chosen, rejected, index) { Margin = pair.Margin ?? 0, Label = pair.Label };
    }

    /// <summary>The prompt's tokens before the template's cue to answer.</summary>
    private int CueStart(Conversation prompt)
    {
        var text = Template.Render(prompt).Text;
        return TokenAt(_tokenizer.EncodeWithOffsets(text, !Template.BringsSpecialTokens), text.Length - Template.CueOf(prompt).Length);
    }

    /// <summary>The first token that holds anything of what begins at a character.</summary>
    private static int TokenAt(TokenizedText tokens, int character) =>
        tokens.Utf16Offsets().Index().FirstOrDefault(token => token.Item.End > character, (Index: tokens.Ids.Count, Item: default)).Index;

    /// <summary>What begins every text (BOS) stays when a prompt is shortened.</summary>
    private int KeptAtStart(int[] ids) => ids.AsSpan().StartsWith([.. _tokenizer.PrefixIds]) ? _tokenizer.PrefixIds.Count : 0;

    private int[] Ids(RenderedText text) => _tokenizer.Encode(text.Text, !Template.BringsSpecialTokens);

    private int[] WithEnd(int[] ids, bool ended) => ended && Template.AppendsEos && (ids.Length == 0 || ids[^1] != EndId) ? [.. ids, EndId!.Value] : ids;
}
