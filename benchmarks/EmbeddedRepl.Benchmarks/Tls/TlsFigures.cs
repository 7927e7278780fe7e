using System.Diagnostics;
using EmbeddedRepl.Benchmarks.Strangers;
using EmbeddedRepl.Comparison;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Benchmarks.Tls;

/// <summary>
/// What TLS costs a full sync: the same data over loopback into the same process, in plaintext and encrypted, in turns, best of several rounds. Both ends share the
/// processors, so the ratio is that of a machine whose processors, and not its network, are the limit.
/// </summary>
internal static class TlsFigures
{
    private const int Rounds = 5;

    private static readonly DistributedCacheEntryOptions NoExpiration = new();

    public static int Run()
    {
        string folder = Directory.CreateTempSubdirectory("embeddedrepl-").FullName;
        try
        {
            Certificates.Write(folder);
            return Measure(folder, 500_000, 100) && Measure(folder, 4_000, 64 << 10) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool Measure(string folder, int entries, int size)
    {
        byte[] value = new byte[size];
        Random.Shared.NextBytes(value);
        bool equal = true;
        double[] best = [double.MaxValue, double.MaxValue];
        IReplicatedCache[] masters = [CreateMaster(folder, isEncrypted: false), CreateMaster(folder, isEncrypted: true)];
        foreach (IReplicatedCache master in masters)
        {
            for (int i = 0; i < entries; i++)
            {
                master.Set(EntryKeys.Create(i), value, NoExpiration);
            }
        }

        for (int round = 0; round < Rounds; round++)
        {
            for (int turn = 0; turn < masters.Length; turn++)
            {
                // Whoever comes second may have to collect what the first left: so they take turns in that, too.
                int i = (round + turn) % masters.Length;
                ReplicationInfo info = masters[i].GetReplicationInfo();
                long start = Stopwatch.GetTimestamp();
                IReplicatedCache replica = BenchmarkNode.Create(options =>
                {
                    options.Master = info.ListenEndPoints[0];
                    options.Tls.Link = i == 1;
                    options.Tls.TrustedCertificatesPath = i == 1 ? Path.Combine(folder, "ca.crt") : null;
                });
                SpinWait.SpinUntil(() => replica.GetReplicationInfo().LinkState == ReplicationLinkState.Streaming);
                best[i] = Math.Min(best[i], Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                equal &= replica.GetReplicationInfo().Digest == info.Digest;
                ((IDisposable)replica).Dispose();
            }
        }

        double megabytes = (double)entries * (size + 16) / (1 << 20);
        Console.WriteLine(
            $"full sync of {entries:n0} values of {size:n0} B: plaintext {best[0]:n0} ms ({megabytes / best[0] * 1000:n0} MiB/s), "
            + $"TLS {best[1]:n0} ms ({megabytes / best[1] * 1000:n0} MiB/s): {best[1] / best[0]:f2}×{(equal ? "" : " DIGESTS DIFFER")}");
        Array.ForEach(masters, master => ((IDisposable)master).Dispose());
        return equal;
    }

    private static IReplicatedCache CreateMaster(string folder, bool isEncrypted) => BenchmarkNode.Create(options =>
    {
        options.Role = ReplicationRole.Master;
        options.Listen.Add("127.0.0.1:0");
        options.RecoveryWindow = TimeSpan.Zero;
        options.Tls.Listener = isEncrypted;
        if (isEncrypted)
        {
            options.Tls.Certificate.Path = Path.Combine(folder, "ca.crt");
            options.Tls.Certificate.KeyPath = Path.Combine(folder, "tls.key");
        }
    });
}
