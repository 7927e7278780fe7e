namespace EmbeddedRepl.Protocol;

/// <summary>M→R: the outcome of a <see cref="WriteRequestFrame"/>, handed down the way that the request came up.</summary>
/// <param name="Originator">From the request: which node it is for.</param>
/// <param name="Session">From the request.</param>
/// <param name="RequestNumber">From the request.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Id">The replication id of the position below.</param>
/// <param name="Offset">The replication offset at which the caller can read its own write.</param>
/// <param name="Message">For a person; empty if it was applied.</param>
internal readonly record struct WriteReplyFrame(
    RunId Originator,
    long Session,
    long RequestNumber,
    WriteStatus Status,
    ReplicationId Id,
    long Offset,
    string Message) : IFrame<WriteReplyFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.WriteReply;

    /// <inheritdoc/>
    public static int FieldCount => 7;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Originator);
        writer.Write(Session);
        writer.Write(RequestNumber);
        writer.Write((int)Status);
        writer.Write(Id);
        writer.Write(Offset);
        writer.WriteMessage(Message);
    }

    /// <inheritdoc/>
    public static WriteReplyFrame Read(ref MessagePackReader reader) => new(
        reader.ReadRunId(),
        reader.ReadNonNegative("session"),
        reader.ReadNonNegative("request number"),
        (WriteStatus)reader.ReadInRange("status", 1, int.MaxValue),
        reader.ReadReplicationId(),
        reader.ReadNonNegative("offset"),
        reader.ReadMessage());
}
