using EmbeddedRepl.Comparison;
using EmbeddedRepl.Comparison.Nodes;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Allocations;

/// <summary>
/// What a write allocates on its whole way, in all threads of a master and of a replica in this process: heartbeats, acknowledgements and the runtime itself allocate a little meanwhile, so
/// whole bytes count, of which there may be one more or less.
/// </summary>
internal static class ReplicatedWrites
{
    public const string Name = "Replicated.Set";
    public const double Tolerance = 1;

    private const int Writes = 100_000;
    private const int Rounds = 3;
    private const int Keys = 1_000;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <exception cref="TimeoutException">The replica does not have everything after a minute.</exception>
    public static double Measure()
    {
        using LocalNode master = LocalNode.StartMaster();
        using LocalNode replica = LocalNode.StartReplica(master);
        string[] keys = [.. Enumerable.Range(0, Keys).Select(EntryKeys.Create)];
        byte[] value = EntryValues.Create(1);
        double least = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Writes; i++)
            {
                master.Cache.Set(keys[i % Keys], value, NoExpiration);
            }

            if (!replica.Cache.WaitFor(master.Cache.GetConsistencyToken(), Limit))
            {
                throw new TimeoutException("The replica does not have everything after a minute.");
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Writes);
        }

        return Math.Round(least);
    }
}
