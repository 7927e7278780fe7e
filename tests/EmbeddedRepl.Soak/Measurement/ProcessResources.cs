namespace EmbeddedRepl.Soak.Measurement;

/// <summary>What every run looks at: what the process as a whole holds.</summary>
internal static class ProcessResources
{
    // Memory of entries is taken from the runtime in pieces of this size, and kept in pools: one more or less in each of three nodes says nothing.
    private const long Segment = 4 << 20;

    // Per unit of work a fraction of the smallest object (24 B) of the heap: what the runtime keeps for itself grows a little at first. Memory that is resident is the
    // bluntest of all measures, since the runtime gives back what it likes; it is there for what no other row sees.
    public static IReadOnlyList<Resource> All { get; } =
    [
        new("file descriptors", () => ProcessMemory.Handles, Slack: 1),
        new("threads of the library", () => ProcessMemory.OwnThreads, Slack: 1),
        new("threads in all", () => ProcessMemory.Threads, Slack: 3),
        new("active timers", () => Timer.ActiveCount, Slack: 1),
        new("work waiting for the pool", () => ThreadPool.PendingWorkItemCount, Slack: 1),
        new("managed heap, not pinned (B)", () => ManagedHeap.ObjectBytes, Slack: 256 << 10, PerUnit: 12),
        new("managed heap, pinned (B)", () => ManagedHeap.PinnedBytes, Slack: 3 * Segment),
        new("native heap (B)", () => NativeHeap.Bytes, Slack: 512 << 10, PerUnit: 12),
        new("resident anonymous memory (B)", () => ProcessMemory.ResidentBytes, Slack: 4 * Segment, PerUnit: 100),
    ];
}
