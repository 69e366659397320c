using System.Text.Json.Serialization;

namespace UmmRm.Data;

/// <summary>Why a row cannot be trained on.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BadRowReason>))]
public enum BadRowReason
{
    /// <summary>Both responses are the same text: the pair says nothing.</summary>
    [JsonStringEnumMemberName("identical_sides")]
    IdenticalSides,

    /// <summary>A response is empty or white space.</summary>
    [JsonStringEnumMemberName("empty_response")]
    EmptyResponse,

    /// <summary>The prompt is empty or white space.</summary>
    [JsonStringEnumMemberName("empty_prompt")]
    EmptyPrompt,

    /// <summary>The two responses answer different prompts.</summary>
    [JsonStringEnumMemberName("prompt_differs")]
    PromptDiffers,

    /// <summary>A column that other rows have is absent.</summary>
    [JsonStringEnumMemberName("missing_column")]
    MissingColumn,

    /// <summary>A needed column is null.</summary>
    [JsonStringEnumMemberName("null_value")]
    NullValue,

    /// <summary>A value has the wrong type: a number where a text is needed, for example.</summary>
    [JsonStringEnumMemberName("wrong_type")]
    WrongType,

    /// <summary>A value has the right type and makes no sense, such as a preference of 3.</summary>
    [JsonStringEnumMemberName("wrong_value")]
    WrongValue,

    /// <summary>The data rate both responses equally. No error: always dropped and counted, unless ties are kept.</summary>
    [JsonStringEnumMemberName("tie")]
    Tie,
}
