namespace EmbeddedRepl.Protocol;

/// <summary>M→R: the replica is admitted, and the master proves that it knows the password too.</summary>
/// <param name="Proof">A <see cref="PasswordProof"/> of the master, or empty if it demands no password; owned by the frame.</param>
internal readonly record struct AuthenticatedFrame(ReadOnlyMemory<byte> Proof) : IFrame<AuthenticatedFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.Authenticated;

    /// <inheritdoc/>
    public static int FieldCount => 1;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer) => writer.Write(Proof.Span);

    /// <inheritdoc/>
    public static AuthenticatedFrame Read(ref MessagePackReader reader) => new(reader.ReadProof());
}
