namespace EmbeddedRepl.Protocol;

/// <summary>R→M, the first frame of a connection. Its fields are the same in every major version, so that any two versions can refuse each other.</summary>
/// <param name="MajorVersion">Of the replica's protocol.</param>
/// <param name="MinorVersion">Of the replica's protocol.</param>
/// <param name="Capabilities">What the replica offers.</param>
/// <param name="RequiredCapabilities">What the master must offer.</param>
/// <param name="Nonce"><see cref="ProtocolLimits.NonceSize"/> random bytes, new for each connection; owned by the frame.</param>
internal readonly record struct HelloFrame(
    int MajorVersion,
    int MinorVersion,
    Capabilities Capabilities,
    Capabilities RequiredCapabilities,
    ReadOnlyMemory<byte> Nonce) : IFrame<HelloFrame>
{
    /// <summary>What tells a peer of this protocol from any other.</summary>
    public const string Magic = "ERPL";

    /// <inheritdoc/>
    public static FrameType Type => FrameType.Hello;

    /// <inheritdoc/>
    public static int FieldCount => 6;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Magic);
        writer.Write(MajorVersion);
        writer.Write(MinorVersion);
        writer.Write((ulong)Capabilities);
        writer.Write((ulong)RequiredCapabilities);
        writer.Write(Nonce.Span);
    }

    /// <inheritdoc/>
    public static HelloFrame Read(ref MessagePackReader reader)
    {
        if (reader.ReadText("magic", Magic.Length) != Magic)
        {
            throw new ProtocolException($"The peer does not say {Magic}: it speaks another protocol.");
        }

        return new HelloFrame(
            reader.ReadInRange("major version", 0, int.MaxValue),
            reader.ReadInRange("minor version", 0, int.MaxValue),
            (Capabilities)reader.ReadUInt64(),
            (Capabilities)reader.ReadUInt64(),
            reader.ReadNonce());
    }
}
