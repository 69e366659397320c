namespace UmmRm.Jinja;

/// <summary>What <c>namespace()</c> makes: the one thing whose attributes a template may set, so that a loop can leave something behind.</summary>
internal sealed class TemplateNamespace
{
    /// <summary>Its attributes.</summary>
    public Dictionary<string, object?> Values { get; } = [];
}
