namespace UmmRm.Hub;

/// <summary>What a repository of the hub holds; models and data sets have names of their own.</summary>
public enum HubKind
{
    /// <summary>A model, with its tokenizer.</summary>
    Model,

    /// <summary>A data set.</summary>
    DataSet,
}
