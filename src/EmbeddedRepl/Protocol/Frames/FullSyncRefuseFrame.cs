namespace EmbeddedRepl.Protocol;

/// <summary>R→M: no to <see cref="FullSyncOfferFrame"/>; the replica keeps its data and will ask again.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Message">The same for a person.</param>
internal readonly record struct FullSyncRefuseFrame(FullSyncRefusal Reason, string Message) : IFrame<FullSyncRefuseFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.FullSyncRefuse;

    /// <inheritdoc/>
    public static int FieldCount => 2;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write((int)Reason);
        writer.WriteMessage(Message);
    }

    /// <inheritdoc/>
    public static FullSyncRefuseFrame Read(ref MessagePackReader reader) =>
        new((FullSyncRefusal)reader.ReadInRange("reason", 1, int.MaxValue), reader.ReadMessage());
}
