namespace EmbeddedRepl;

/// <summary>An entry as one read found it: its value and the version that belongs to it. A copy, which belongs to whoever read it.</summary>
public sealed class CacheEntry
{
    internal CacheEntry(byte[] value, EntryVersion version)
    {
        Value = value;
        Version = version;
    }

    /// <summary>The value; an array of the caller's own.</summary>
#pragma warning disable CA1819 // As IDistributedCache hands values out: the caller may do with it what it likes.
    public byte[] Value { get; }
#pragma warning restore CA1819

    /// <summary>Its version; never <see cref="EntryVersion.None"/>.</summary>
    public EntryVersion Version { get; }
}
