namespace UmmRm.Data;

/// <summary>What is done with a text of more tokens than the limit. A response is never cut.</summary>
public enum OverLength
{
    /// <summary>It is left out, and counted.</summary>
    Drop,

    /// <summary>Its prompt is shortened from the start, up to what the template writes before a response; where that is not enough it is left out, and counted.</summary>
    Cut,
}
