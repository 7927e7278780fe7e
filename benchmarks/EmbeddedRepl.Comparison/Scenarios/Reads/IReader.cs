namespace EmbeddedRepl.Comparison.Scenarios.Reads;

/// <summary>One way to read one cache. Its kinds are structs, so that the loop that measures is compiled for each and adds no call of its own.</summary>
internal interface IReader
{
    /// <summary>The value, in the buffer or in an array of the cache's; empty if there is none.</summary>
    ReadOnlySpan<byte> Read(string key, byte[] buffer);
}
