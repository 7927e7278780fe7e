namespace EmbeddedRepl.Protocol;

/// <summary>M→R: ask again later. Never a reason for a full sync.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Message">The same for a person.</param>
/// <param name="RetryAfterMs">When to ask again, in milliseconds; a hint, and 0 if there is none. This version gives none and goes by its own back-off.</param>
/// <param name="UpstreamRunIds">The processes that the sender gets its data from, the nearest first: a node that sees its own has found a cycle.</param>
internal readonly record struct NotNowFrame(
    NotNowReason Reason,
    string Message,
    int RetryAfterMs,
    IReadOnlyList<RunId> UpstreamRunIds) : IFrame<NotNowFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.NotNow;

    /// <inheritdoc/>
    public static int FieldCount => 4;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write((int)Reason);
        writer.WriteMessage(Message);
        writer.Write(RetryAfterMs);
        writer.Write(UpstreamRunIds);
    }

    /// <inheritdoc/>
    public static NotNowFrame Read(ref MessagePackReader reader) => new(
        (NotNowReason)reader.ReadInRange("reason", 1, int.MaxValue),
        reader.ReadMessage(),
        reader.ReadInRange("retry after", 0, int.MaxValue),
        reader.ReadRunIds());
}
