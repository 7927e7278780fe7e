namespace EmbeddedRepl.Protocol;

/// <summary>M→R: who the master is, whom it follows itself, and how often it will be heard.</summary>
/// <param name="CacheName">The master's, equal to the replica's.</param>
/// <param name="RunId">Of the master's process.</param>
/// <param name="UpstreamRunIds">The processes that the master gets its data from, the nearest first; a replica that sees its own refuses.</param>
/// <param name="MaxKeySize">The largest key that may come, in bytes.</param>
/// <param name="MaxValueSize">The largest value that may come, in bytes.</param>
/// <param name="HeartbeatIntervalMs">How often the master sends a heartbeat, in milliseconds.</param>
internal readonly record struct IdentifiedFrame(
    string CacheName,
    RunId RunId,
    IReadOnlyList<RunId> UpstreamRunIds,
    int MaxKeySize,
    int MaxValueSize,
    int HeartbeatIntervalMs) : IFrame<IdentifiedFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.Identified;

    /// <inheritdoc/>
    public static int FieldCount => 6;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(CacheName);
        writer.Write(RunId);
        writer.Write(UpstreamRunIds);
        writer.Write(MaxKeySize);
        writer.Write(MaxValueSize);
        writer.Write(HeartbeatIntervalMs);
    }

    /// <inheritdoc/>
    public static IdentifiedFrame Read(ref MessagePackReader reader) => new(
        reader.ReadText("cache name", ProtocolLimits.CacheNameSize),
        reader.ReadRunId(),
        reader.ReadRunIds(),
        reader.ReadInRange("largest key", 0, int.MaxValue),
        reader.ReadInRange("largest value", 0, int.MaxValue),
        reader.ReadInRange("heartbeat interval", 1, int.MaxValue));
}
