namespace EmbeddedRepl.Protocol;

/// <summary>The version of the protocol that this build speaks.</summary>
internal static class ProtocolVersion
{
    /// <summary>Peers with another major version refuse each other: the meaning of a frame or the set of record kinds differs.</summary>
    public const int Major = 1;

    /// <summary>A higher minor version only appends fields to frames, which older readers skip.</summary>
    public const int Minor = 0;
}
