namespace EmbeddedRepl.Protocol;

/// <summary>A read of a sliding entry on a replica, on its way to the master.</summary>
/// <param name="Key">The key's bytes; owned by the frame.</param>
/// <param name="Version">The version that was read; the touch is void if the master has another by now.</param>
/// <param name="AgeMs">How long ago it was read, in milliseconds; ages travel because clocks differ.</param>
internal readonly record struct KeyTouch(ReadOnlyMemory<byte> Key, long Version, long AgeMs)
{
    /// <summary>How many fields it has on the wire.</summary>
    public const int FieldCount = 3;
}
