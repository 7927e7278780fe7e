namespace EmbeddedRepl.Protocol;

/// <summary>What a reader of records admits. A record beyond it is refused as soon as the offending length is visible.</summary>
/// <param name="MaxKeySize">The largest key, in bytes.</param>
/// <param name="MaxValueSize">The largest value, in bytes.</param>
internal readonly record struct RecordLimits(int MaxKeySize, int MaxValueSize);
