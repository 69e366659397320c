namespace UmmRm.Figures;

/// <summary>A colour by its purpose, so that one figure serves bright and dark pages.</summary>
/// <param name="Name">Its name in style sheets.</param>
/// <param name="Light">On a bright page, <c>#rrggbb</c>.</param>
/// <param name="Dark">On a dark page.</param>
public readonly record struct Ink(string Name, string Light, string Dark);
