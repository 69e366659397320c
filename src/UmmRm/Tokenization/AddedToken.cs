namespace UmmRm.Tokenization;

/// <summary>A token that is found in the text before the model sees it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">What is looked for.</param>
/// <param name="Special">Whether decoding may leave it out (skip special tokens).</param>
/// <param name="Normalized">Whether it is looked for in the normalised text, normalised itself, instead of the text as written.</param>
/// <param name="StripsLeft">Whether it swallows the white space before it.</param>
/// <param name="StripsRight">Whether it swallows the white space after it.</param>
/// <param name="SingleWord">Whether it counts only where no word character touches it.</param>
internal sealed record AddedToken(int Id, string Content, bool Special, bool Normalized = false, bool StripsLeft = false, bool StripsRight = false, bool SingleWord = false);
