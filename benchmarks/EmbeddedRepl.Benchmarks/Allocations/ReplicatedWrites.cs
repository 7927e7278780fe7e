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

    private const string Backlog = "BacklogSize=1048576";
    private const int Bursts = 50;
    private const int Burst = 1_000;
    private const int Rounds = 3;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <exception cref="TimeoutException">The replica does not have everything after a minute.</exception>
    public static double Measure()
    {
        // Backlogs that the first round fills on both nodes, so that the others reuse their blocks.
        using LocalNode master = LocalNode.StartMaster(Backlog);
        using LocalNode replica = LocalNode.StartReplica(master, Backlog);
        string[] keys = EntryKeys.CreateAll(Burst);
        byte[] value = EntryValues.Create(1);
        double least = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int burst = 0; burst < Bursts; burst++)
            {
                Write(master.Cache, replica.Cache, keys, value);
            }

            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)(Bursts * Burst));
        }

        return Math.Round(least);
    }

    /// <summary>The replica follows burst by burst: one that is behind pins blocks of the stream, and the master allocates others, up to its output limit.</summary>
    private static void Write(IReplicatedCache master, IReplicatedCache replica, string[] keys, byte[] value)
    {
        foreach (string key in keys)
        {
            master.Set(key, value, NoExpiration);
        }

        if (!replica.WaitFor(master.GetConsistencyToken(), Limit))
        {
            throw new TimeoutException("The replica does not have everything after a minute.");
        }
    }
}
