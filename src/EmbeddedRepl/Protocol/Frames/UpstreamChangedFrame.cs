namespace EmbeddedRepl.Protocol;

/// <summary>
/// M→R, to a replica that offers <see cref="Capabilities.UpstreamUpdates"/>: whom the sender follows now. Outside the replication stream; has no place in it.
/// </summary>
/// <param name="UpstreamRunIds">The processes that the sender gets its data from, the nearest first; empty on a master. A replica that sees its own has found a cycle.</param>
internal readonly record struct UpstreamChangedFrame(IReadOnlyList<RunId> UpstreamRunIds) : IFrame<UpstreamChangedFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.UpstreamChanged;

    /// <inheritdoc/>
    public static int FieldCount => 1;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer) => writer.Write(UpstreamRunIds);

    /// <inheritdoc/>
    public static UpstreamChangedFrame Read(ref MessagePackReader reader) => new(reader.ReadRunIds());
}
