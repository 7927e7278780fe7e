namespace EmbeddedRepl.Protocol;

/// <summary>R→M: who the replica is and what it can hold.</summary>
/// <param name="CacheName">Must be the master's.</param>
/// <param name="RunId">Of the replica's process.</param>
/// <param name="MaxKeySize">The largest key that it accepts, in bytes.</param>
/// <param name="MaxValueSize">The largest value that it accepts, in bytes.</param>
/// <param name="AnnouncedHost">Where it can be reached itself, for information only; null if it does not say.</param>
/// <param name="AnnouncedPort">Where it can be reached itself, for information only; 0 if it does not listen.</param>
internal readonly record struct IdentifyFrame(
    string CacheName,
    RunId RunId,
    int MaxKeySize,
    int MaxValueSize,
    string? AnnouncedHost,
    int AnnouncedPort) : IFrame<IdentifyFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.Identify;

    /// <inheritdoc/>
    public static int FieldCount => 6;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(CacheName);
        writer.Write(RunId);
        writer.Write(MaxKeySize);
        writer.Write(MaxValueSize);
        writer.Write(AnnouncedHost);
        writer.Write(AnnouncedPort);
    }

    /// <inheritdoc/>
    public static IdentifyFrame Read(ref MessagePackReader reader) => new(
        reader.ReadText("cache name", ProtocolLimits.CacheNameSize),
        reader.ReadRunId(),
        reader.ReadInRange("largest key", 0, int.MaxValue),
        reader.ReadInRange("largest value", 0, int.MaxValue),
        reader.ReadTextOrNil("announced host", ProtocolLimits.HostSize),
        reader.ReadInRange("announced port", 0, ushort.MaxValue));
}
