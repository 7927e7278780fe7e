using System.Buffers;

namespace EmbeddedRepl.Protocol;

/// <summary>
/// R→M: writes that a caller made on a replica, for the master to apply in order. A request that is larger than one frame is cut at any byte
/// over several frames with the same number; frames of one session are never mixed with another request of that session.
/// </summary>
/// <param name="Originator">The process on which the writes were made; kept by every node on the way.</param>
/// <param name="Session">Counts the originator's links; the master drops requests of a session older than the newest that it has seen.</param>
/// <param name="RequestNumber">Counts the session's requests; the reply carries it.</param>
/// <param name="IsLast">Whether the request is complete with this frame.</param>
/// <param name="Operations">Bytes of a run of operations (<see cref="OperationReader"/>); a window into the received bytes.</param>
internal readonly record struct WriteRequestFrame(
    RunId Originator,
    long Session,
    long RequestNumber,
    bool IsLast,
    ReadOnlySequence<byte> Operations) : IFrame<WriteRequestFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.WriteRequest;

    /// <inheritdoc/>
    public static int FieldCount => 5;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Originator);
        writer.Write(Session);
        writer.Write(RequestNumber);
        writer.Write(IsLast);
        writer.Write(Operations);
    }

    /// <inheritdoc/>
    public static WriteRequestFrame Read(ref MessagePackReader reader) => new(
        reader.ReadRunId(),
        reader.ReadNonNegative("session"),
        reader.ReadNonNegative("request number"),
        reader.ReadBoolean(),
        reader.ReadBinary("operations", FrameLimits.DataBytes));
}
