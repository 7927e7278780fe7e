namespace EmbeddedRepl.Protocol;

/// <summary>R→M, at least every ack interval. Both times together tell the master the round trip and the difference of the clocks.</summary>
/// <param name="AppliedOffset">The replication offset up to which the replica has applied the stream.</param>
/// <param name="UtcMs">The replica's clock, in milliseconds since 1970.</param>
/// <param name="EchoUtcMs">The clock in the last heartbeat that the replica received; 0 if none yet.</param>
/// <param name="EchoAgeMs">How long ago that heartbeat was received, in milliseconds.</param>
internal readonly record struct AckFrame(long AppliedOffset, long UtcMs, long EchoUtcMs, long EchoAgeMs) : IFrame<AckFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.Ack;

    /// <inheritdoc/>
    public static int FieldCount => 4;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(AppliedOffset);
        writer.Write(UtcMs);
        writer.Write(EchoUtcMs);
        writer.Write(EchoAgeMs);
    }

    /// <inheritdoc/>
    public static AckFrame Read(ref MessagePackReader reader) => new(
        reader.ReadNonNegative("applied offset"),
        reader.ReadNonNegative("clock"),
        reader.ReadNonNegative("echoed clock"),
        reader.ReadNonNegative("age of the echo"));
}
