using System.Diagnostics;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Replication;

/// <summary>
/// Saving and loading a snapshot file of 1 M entries beside a full sync of them over loopback into the same process. The goal: loading takes no longer
/// than the full sync. Best of several rounds, alternating, because the machine is shared.
/// </summary>
internal static class SnapshotFigures
{
    private const int Entries = 1_000_000;
    private const int Rounds = 3;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    public static int Run()
    {
        string directory = Directory.CreateTempSubdirectory("embeddedrepl-").FullName;
        try
        {
            return Run(directory);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static int Run(string directory)
    {
        byte[] value = new byte[100];
        Random.Shared.NextBytes(value);
        IReplicatedCache master = CreateMaster(Path.Combine(directory, "master"));
        for (int i = 0; i < Entries; i++)
        {
            master.Set($"key:{i:d12}", value, NoExpiration);
        }

        ReplicationInfo info = master.GetReplicationInfo();
        Console.WriteLine($"{Entries:n0} entries, keys of 16 characters, values of {value.Length} B, {Environment.ProcessorCount} processors");
        double save = double.MaxValue;
        double load = double.MaxValue;
        double sync = double.MaxValue;
        bool equal = true;
        for (int round = 0; round < Rounds; round++)
        {
            save = Math.Min(save, Milliseconds(() => master.SaveSnapshotAsync().GetAwaiter().GetResult()));
            string copy = Path.Combine(directory, $"copy {round}");
            Directory.CreateDirectory(copy);
            File.Copy(master.GetReplicationInfo().Snapshot!.Path, Path.Combine(copy, Path.GetFileName(info.Snapshot!.Path)));

            IReplicatedCache? loaded = null;
            load = Math.Min(load, Milliseconds(() => loaded = CreateMaster(copy)));
            equal &= End(loaded!) == info.Digest;

            IReplicatedCache? replica = null;
            sync = Math.Min(sync, Milliseconds(() =>
            {
                replica = ReplicaProcess.CreateNode(options => options.Master = info.ListenEndPoints[0]);
                SpinWait.SpinUntil(() => replica.GetReplicationInfo().LinkState == ReplicationLinkState.Streaming);
            }));
            equal &= End(replica!) == info.Digest;
        }

        Console.WriteLine($"save {save:n0} ms, {master.GetReplicationInfo().Snapshot!.LastSavedBytes:n0} bytes");
        Console.WriteLine($"load {load:n0} ms, full sync {sync:n0} ms: {load / sync:f2}×{(load <= sync ? "" : " MISS")}");
        Console.WriteLine(equal ? $"digests equal: {info.Digest}" : "DIGESTS DIFFER");
        return equal ? 0 : 1;
    }

    private static IReplicatedCache CreateMaster(string directory) => ReplicaProcess.CreateNode(options =>
    {
        options.Role = ReplicationRole.Master;
        options.Listen.Add("127.0.0.1:0");
        options.SnapshotDirectory = directory;
        options.SnapshotInterval = TimeSpan.Zero;
    });

    private static string End(IReplicatedCache cache)
    {
        string digest = cache.GetReplicationInfo().Digest;
        ((IDisposable)cache).Dispose();
        GC.Collect();
        return digest;
    }

    private static double Milliseconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
