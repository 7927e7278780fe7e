namespace EmbeddedRepl.Protocol;

/// <summary>R→M: yes to <see cref="FullSyncOfferFrame"/>; takes a place in line.</summary>
internal readonly record struct FullSyncAcceptFrame : IFrame<FullSyncAcceptFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.FullSyncAccept;

    /// <inheritdoc/>
    public static int FieldCount => 0;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
    }

    /// <inheritdoc/>
    public static FullSyncAcceptFrame Read(ref MessagePackReader reader) => default;
}
