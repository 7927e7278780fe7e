namespace EmbeddedRepl.Protocol;

/// <summary>R→M: proof that the replica knows the password.</summary>
/// <param name="Proof">A <see cref="PasswordProof"/> of the replica, or empty if the master demands none; owned by the frame.</param>
internal readonly record struct AuthenticateFrame(ReadOnlyMemory<byte> Proof) : IFrame<AuthenticateFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.Authenticate;

    /// <inheritdoc/>
    public static int FieldCount => 1;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer) => writer.Write(Proof.Span);

    /// <inheritdoc/>
    public static AuthenticateFrame Read(ref MessagePackReader reader) => new(reader.ReadProof());
}
