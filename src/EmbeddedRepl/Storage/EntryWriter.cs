using System.Runtime.InteropServices;

namespace EmbeddedRepl.Storage;

/// <summary>Fills in new entries and changes the few fields that change in place. For the writer.</summary>
internal static class EntryWriter
{
    /// <summary>Writes everything of a new entry but its value and content hash.</summary>
    /// <returns>The room for the value.</returns>
    public static Span<byte> WriteFront(
        Span<byte> entry, EntryHeader header, ReadOnlySpan<byte> key, in EntryExpiration expiration, long version, long lastChange, int extension)
    {
        header.Write(entry);
        MemoryMarshal.Write(entry[EntryHeader.VersionOffset..], version);
        if (header.Expires)
        {
            MemoryMarshal.Write(entry[EntryHeader.DeadlineOffset..], expiration.Deadline);
        }

        if (header.IsSliding)
        {
            MemoryMarshal.Write(entry[EntryHeader.SlidingWindowOffset..], expiration.SlidingWindow);
            MemoryMarshal.Write(entry[EntryHeader.AbsoluteCapOffset..], expiration.AbsoluteCap);
            MemoryMarshal.Write(entry[EntryHeader.LastChangeOffset..], lastChange);
            MemoryMarshal.Write(entry[EntryHeader.ExtensionOffset..], extension);
        }

        key.CopyTo(entry[header.KeyOffset..]);
        return entry.Slice(header.KeyOffset + header.KeyLength, header.ValueLength);
    }

    /// <summary>Hashes key and value as they now lie in the entry, and keeps the hash there.</summary>
    public static UInt128 WriteContentHash(Span<byte> entry, EntryHeader header, ulong digestSeed)
    {
        UInt128 hash = EntryHash.OfContent(entry[header.KeyOffset..header.EntrySize], header.KeyLength, digestSeed);
        MemoryMarshal.Write(entry[EntryHeader.ContentHashOffset..], hash);
        return hash;
    }

    /// <summary>Moves the replicated deadline of a sliding entry, in view of readers.</summary>
    public static void Touch(Span<byte> entry, long deadline, long lastChange)
    {
        Volatile.Write(ref MemoryMarshal.AsRef<long>(entry[EntryHeader.DeadlineOffset..]), deadline);
        Volatile.Write(ref MemoryMarshal.AsRef<long>(entry[EntryHeader.LastChangeOffset..]), lastChange);
    }
}
