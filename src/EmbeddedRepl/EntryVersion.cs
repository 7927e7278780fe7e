using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace EmbeddedRepl;

/// <summary>
/// Names one state of one entry: every set gives it another version; reads, refreshes and whatever else keeps it alive do not. It is the same on all nodes. Only to be
/// compared with versions of the same key: it is no number, and says nothing about order. Immutable.
/// </summary>
/// <remarks>
/// It is made of the replication offset of the set and of 64 bits of a hash of the entry. The offset alone would do as long as nothing is lost; after a failover that discarded writes,
/// other data may stand at the same offset, and the hash tells them apart. <see cref="ToString"/> and <see cref="TryParse"/> carry it through an ETag or a form.
/// </remarks>
public readonly struct EntryVersion : IEquatable<EntryVersion>
{
    private const int HashDigits = 16;

    internal EntryVersion(long offset, ulong hash)
    {
        Offset = offset;
        Hash = hash;
    }

    /// <summary>The version of an entry that does not exist, or has expired.</summary>
    public static EntryVersion None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => Offset == 0 && Hash == 0;

    /// <summary>Replication offset of the set; 0 for none.</summary>
    internal long Offset { get; }

    /// <summary>The low 64 bits of the entry's content hash.</summary>
    internal ulong Hash { get; }

    /// <summary>Reads what <see cref="ToString"/> has printed.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="version">The version; <see cref="None"/> if false is returned.</param>
    /// <returns>Whether the text is a version. That it is one of an entry that exists, or existed, only a comparison tells.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out EntryVersion version)
    {
        version = None;
        int dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash is < 1 or > HashDigits || text!.Length != dash + 1 + HashDigits
            || !ulong.TryParse(text.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong offset)
            || !ulong.TryParse(text.AsSpan(dash + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong hash)
            || offset > long.MaxValue || (offset == 0 && hash != 0))
        {
            return false;
        }

        version = new EntryVersion((long)offset, hash);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(EntryVersion other) => Offset == other.Offset && Hash == other.Hash;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is EntryVersion other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Offset, Hash);

    /// <summary>Prints at most 33 characters: lower-case hexadecimal digits and one dash.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Offset:x}-{Hash:x16}");

    /// <summary>Whether both name the same state of an entry.</summary>
    public static bool operator ==(EntryVersion left, EntryVersion right) => left.Equals(right);

    /// <summary>Whether they name different states.</summary>
    public static bool operator !=(EntryVersion left, EntryVersion right) => !left.Equals(right);
}
