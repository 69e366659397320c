using UmmRm.Data;
using UmmRm.Recipes;

namespace UmmRm.Diagnosis;

/// <summary>A text as a model reads it.</summary>
/// <param name="Origin">Where it was read, for messages.</param>
/// <param name="Text">Prompt and response.</param>
/// <param name="Encoded">Its ids, and where the response begins.</param>
/// <param name="PromptIds">What a policy is given to continue: the ids of the prompt alone.</param>
internal sealed record ReadText(string Origin, Completion Text, EncodedText Encoded, int[] PromptIds);

/// <summary>A model reading texts as training and scoring do: by one encoder.</summary>
internal sealed class ReadingCase
{
    private readonly Lazy<SequenceEncoder> _encoder;
    private readonly Lazy<IReadOnlyList<ReadText>> _texts;

    /// <param name="model">The model.</param>
    /// <param name="encoder">How it reads.</param>
    /// <param name="data">What it reads; null for a few texts made up.</param>
    /// <param name="named">Whether the template was named by somebody, and not found in the folder or assumed.</param>
    public ReadingCase(ModelCase model, Func<ModelFolder, SequenceEncoder> encoder, DataCase? data = null, bool named = false)
    {
        (Model, Data, TemplateIsNamed) = (model, data, named);
        _encoder = new(() => encoder(model.Folder));
        _texts = new(Read);
    }

    /// <summary>The model.</summary>
    public ModelCase Model { get; }

    /// <summary>What it reads; null for a few texts made up.</summary>
    public DataCase? Data { get; }

    /// <summary>Whether the template was named by somebody, and not found in the folder or assumed.</summary>
    public bool TemplateIsNamed { get; }

    /// <summary>How it reads.</summary>
    public SequenceEncoder Encoder => _encoder.Value;

    /// <summary>Texts as it reads them, before any limit of length.</summary>
    public IReadOnlyList<ReadText> Texts => _texts.Value;

    /// <summary>How many texts were looked at, for details: <c>1,000 texts of 52,000 rows</c>.</summary>
    public string Looked => Data is null
        ? $"{Texts.Count} made-up texts"
        : FormattableString.Invariant($"{Texts.Count:N0} texts{(Data.Report.Kept * (Data.Kind == RowKind.Pairs ? 2 : 1) > Texts.Count ? FormattableString.Invariant($" sampled from {Data.Report.Kept:N0} rows") : "")}");

    private IReadOnlyList<ReadText> Read()
    {
        IReadOnlyList<(string Origin, Completion Text)> texts = Data?.SampledTexts() ?? [.. SampleTexts.For(Model.Tokenizer).Select(text => ("a made-up text", text))];
        var encoder = Encoder; // what it throws is no row's fault
        return [.. texts.Select(text => Read(encoder, text.Origin, text.Text))];
    }

    private static ReadText Read(SequenceEncoder encoder, string origin, Completion text)
    {
        try
        {
            return new ReadText(origin, text, encoder.EncodeWithStart(text), encoder.EncodePrompt(text.Prompt));
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{origin}: {e.Message}", e);
        }
    }
}
