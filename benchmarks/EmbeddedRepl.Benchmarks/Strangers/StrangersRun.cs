using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Benchmarks.Strangers;

/// <summary>
/// A master that is written to, two real replicas, and 1,000 hostile connections that come back as soon as they are thrown out; with and without TLS. What counts is what the
/// replicas notice. Master, replicas and strangers are three processes.
/// </summary>
internal static class StrangersRun
{
    private const int Count = 1000;
    private const string Password = "long and random";

    private static readonly TimeSpan Phase = TimeSpan.FromSeconds(10);

    public static int Run()
    {
        Console.WriteLine($"{Count} strangers, {MasterPart.WritesPerSecond:n0} writes/s, 2 replicas, {Environment.ProcessorCount} processors, {Phase.TotalSeconds:n0} s a phase");
        bool isGood = Run(isEncrypted: false);
        isGood &= Run(isEncrypted: true);
        return isGood ? 0 : 1;
    }

    private static bool Run(bool isEncrypted)
    {
        string folder = Directory.CreateTempSubdirectory("embeddedrepl-").FullName;
        try
        {
            Certificates.Write(folder);
            using var master = new ChildProcess(MasterPart.Verb, isEncrypted ? folder : "-");
            string endPoint = master.Ask("endpoint");
            using var one = Replica(endPoint, isEncrypted ? folder : null);
            using var two = Replica(endPoint, isEncrypted ? folder : null);
            var watch = new ReplicaWatch(one.Cache);
            SpinWait.SpinUntil(() => IsStreaming(one.Cache) && IsStreaming(two.Cache));
            Console.WriteLine(isEncrypted ? "\nTLS" : "\nno TLS");
            Console.WriteLine("| | CPU of the master | memory | threads | writes/s | write to visible p50, p99, max | strangers that came |");
            Console.WriteLine("|---|---|---|---|---|---|---|");
            Measure("quiet", master, watch, null);
            using (var strangers = new ChildProcess(HostilePart.Verb, endPoint, Count.ToString(CultureInfo.InvariantCulture), isEncrypted ? "tls" : "plain"))
            {
                strangers.Ask("count");
                Measure("hostile", master, watch, strangers);
            }

            Measure("quiet again", master, watch, null);
            master.Ask("stop");
            ReplicationInfo info = one.Cache.GetReplicationInfo();
            string digest = master.Ask("digest");
            SpinWait.SpinUntil(() => digest == one.Cache.GetReplicationInfo().Digest && digest == two.Cache.GetReplicationInfo().Digest, Phase);
            bool isEqual = digest == one.Cache.GetReplicationInfo().Digest && digest == two.Cache.GetReplicationInfo().Digest;
            long failures = info.LinkFailures + two.Cache.GetReplicationInfo().LinkFailures;
            Console.WriteLine($"links of the replicas that broke: {failures}; digests {(isEqual ? "equal" : "DIFFER")}");
            watch.Stop();
            return isEqual && failures == 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string name, ChildProcess master, ReplicaWatch watch, ChildProcess? strangers)
    {
        watch.Reset();
        long came = Number(strangers, "count");
        double cpu = double.Parse(master.Ask("cpu"), CultureInfo.InvariantCulture);
        long writes = Number(master, "writes");
        long start = Stopwatch.GetTimestamp();
        long memory = 0;
        long threads = 0;
        while (Stopwatch.GetElapsedTime(start) < Phase)
        {
            Thread.Sleep(100);
            memory = Math.Max(memory, Number(master, "memory"));
            threads = Math.Max(threads, Number(master, "threads"));
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double used = (double.Parse(master.Ask("cpu"), CultureInfo.InvariantCulture) - cpu) / seconds / 10;
        writes = (long)((Number(master, "writes") - writes) / seconds);
        came = (long)((Number(strangers, "count") - came) / seconds);
        Console.WriteLine($"| {name} | {used:n0} % of one core | {memory >> 20} MiB | {threads} | {writes:n0} | {watch.Describe()} | {(strangers is null ? "" : $"{came:n0}/s")} |");
    }

    private static long Number(ChildProcess? process, string question) => process is null ? 0 : long.Parse(process.Ask(question), CultureInfo.InvariantCulture);

    private static bool IsStreaming(IReplicatedCache cache) => cache.GetReplicationInfo().LinkState == ReplicationLinkState.Streaming;

    private static OwnedCache Replica(string master, string? folder) => new(BenchmarkNode.Create(options =>
    {
        options.Master = master;
        options.Password = Password;
        if (folder is not null)
        {
            options.Tls.Link = true;
            options.Tls.TrustedCertificatesPath = Path.Combine(folder, "ca.crt");
        }
    }));

    /// <summary>What the master demands.</summary>
    internal static void Protect(ReplicatedCacheOptions options) => options.Password = Password;

    private sealed class OwnedCache(IReplicatedCache cache) : IDisposable
    {
        public IReplicatedCache Cache { get; } = cache;

        public void Dispose() => ((IDisposable)Cache).Dispose();
    }
}
