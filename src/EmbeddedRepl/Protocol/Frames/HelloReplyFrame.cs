namespace EmbeddedRepl.Protocol;

/// <summary>M→R, the answer to <see cref="HelloFrame"/>. Its fields are the same in every major version.</summary>
/// <param name="Hello">The same fields as the replica's, from the master's point of view.</param>
/// <param name="DemandsPassword">Whether the master wants proof that the replica knows its password; if not, it gives no proof either.</param>
internal readonly record struct HelloReplyFrame(HelloFrame Hello, bool DemandsPassword) : IFrame<HelloReplyFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.HelloReply;

    /// <inheritdoc/>
    public static int FieldCount => HelloFrame.FieldCount + 1;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        Hello.Write(ref writer);
        writer.Write(DemandsPassword);
    }

    /// <inheritdoc/>
    public static HelloReplyFrame Read(ref MessagePackReader reader) => new(HelloFrame.Read(ref reader), reader.ReadBoolean());
}
