namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>A value of a counter that was seen for the first time.</summary>
/// <param name="Number">The value.</param>
/// <param name="At">When, by the clock of the machine, which all its processes share.</param>
internal readonly record struct Sighting(long Number, long At);
