namespace UmmRm.Jinja;

/// <summary>A chat template cannot be read or rendered: its own complaint (<c>raise_exception</c>), a mistake in it, or a limit that it passed. The message names the line.</summary>
public sealed class TemplateException(string message) : Exception(message);
