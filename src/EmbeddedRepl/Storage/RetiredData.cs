namespace EmbeddedRepl.Storage;

/// <summary>The empty data that retired stores show; one for all, never written.</summary>
internal static class RetiredData
{
    public static StoreData Instance { get; } = new(new SegmentPool(0), long.MaxValue, new WriterProbe(), isRetired: true);
}
