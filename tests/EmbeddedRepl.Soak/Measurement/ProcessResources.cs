namespace EmbeddedRepl.Soak.Measurement;

/// <summary>What every run looks at: what the process as a whole holds.</summary>
internal static class ProcessResources
{
    // Memory of entries is taken from the runtime in pieces of this size, and kept in pools: one more or less in each of three nodes says nothing.
    private const long Segment = 4 << 20;

    /// <param name="perUnit">What the heaps may grow by for each unit of work, in bytes.</param>
    public static IReadOnlyList<Resource> All(double perUnit) =>
    [
        // The runtime opens one or two for itself late, such as those of a thread that it adds to its pool; one that a kind of cycle leaves is dozens by then.
        new("file descriptors", () => ProcessMemory.Handles, Slack: 3),
        new("threads of the library", () => ProcessMemory.OwnThreads, Slack: 1),
        new("threads in all", () => ProcessMemory.Threads, Slack: 3),
        new("active timers", () => Timer.ActiveCount, Slack: 1),
        new("work waiting for the pool", () => ThreadPool.PendingWorkItemCount, Slack: 1),
        new("managed heap, not pinned (B)", () => ManagedHeap.ObjectBytes, Slack: 512 << 10, perUnit),
        new("managed heap, pinned (B)", () => ManagedHeap.PinnedBytes, Slack: 3 * Segment),

        // The runtime's own memory goes up and down by a megabyte, and memory that is resident is the bluntest of all measures, since the runtime gives back what it likes;
        // they are there for what no other row sees.
        new("native heap (B)", () => NativeHeap.Bytes, Slack: 2 << 20, perUnit),
        new("resident anonymous memory (B)", () => ProcessMemory.ResidentBytes, Slack: 4 * Segment, perUnit * 10),
    ];
}
