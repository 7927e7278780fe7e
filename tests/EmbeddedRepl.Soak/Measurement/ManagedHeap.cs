namespace EmbeddedRepl.Soak.Measurement;

/// <summary>The managed heap, as the last full collection left it, in two parts.</summary>
internal static class ManagedHeap
{
    // The generations of the garbage collector: 0, 1, 2, large objects, pinned objects.
    private const int Pinned = 4;

    /// <summary>Bytes of objects that are not pinned: everything but the memory of the stores, which is counted in segments of 4 MiB and kept in pools.</summary>
    public static long ObjectBytes
    {
        get
        {
            long bytes = 0;
            ReadOnlySpan<GCGenerationInfo> generations = GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo;
            for (int i = 0; i < Pinned; i++)
            {
                bytes += generations[i].SizeAfterBytes - generations[i].FragmentationAfterBytes;
            }

            return bytes;
        }
    }

    /// <summary>Bytes of pinned objects.</summary>
    public static long PinnedBytes => GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo[Pinned] is var pinned ? pinned.SizeAfterBytes - pinned.FragmentationAfterBytes : 0;
}
