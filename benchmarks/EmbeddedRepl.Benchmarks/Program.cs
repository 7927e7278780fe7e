using BenchmarkDotNet.Running;
using EmbeddedRepl.Benchmarks.Forwarding;
using EmbeddedRepl.Benchmarks.HitRatio;
using EmbeddedRepl.Benchmarks.Replication;
using EmbeddedRepl.Benchmarks.Storage;
using EmbeddedRepl.Benchmarks.Storm;
using EmbeddedRepl.Benchmarks.Strangers;

switch (args.FirstOrDefault())
{
    case "store":
        return StoreComparison.Run(args[1..]);
    case StoreChild.Verb:
        return StoreChild.Run(args[1..]);
    case "replication":
        return ReplicationFigures.Run();
    case "forward":
        return ForwardFigures.Run();
    case MasterProcess.Verb:
        return MasterProcess.Run();
    case "snapshot":
        return SnapshotFigures.Run();
    case "tls":
        return TlsFigures.Run();
    case ReplicaProcess.Verb:
        return ReplicaProcess.Run(args[1..]);
    case "storm":
        return StormRun.Run(StormOptions.Parse(args[1..]));
    case StormChild.Verb:
        return StormChild.Run(args[1..]);
    case "strangers":
        return StrangersRun.Run();
    case MasterPart.Verb:
        return MasterPart.Run(args[1..]);
    case HostilePart.Verb:
        return HostilePart.Run(args[1..]);
    case "hitratio":
        return HitRatioRun.Run(args[1..]);
    case "limitcost":
        return LimitCostRun.Run();
    case "bdn":
        BenchmarkSwitcher.FromAssembly(typeof(StoreComparison).Assembly).Run(args[1..]);
        return 0;
    default:
        Console.WriteLine("""
            store [--entries N] [--check]   the store beside ConcurrentDictionary and MemoryDistributedCache; 1 M and 5 M entries by default;
                                            with --check the exit code is 0 only if every goal is reached
            replication                     a master and a replica in two processes: writes per second, full sync, time to visible
            forward                         writes on a replica, forwarded to a master in another process, beside Redis's SET
            snapshot                        saving and loading the snapshot file of 1 M entries, beside a full sync of them
            tls                             a full sync in plaintext and over TLS
            storm [--replicas N] [--sinks N] [--entries N] [--replica-rate N] [--sink-rate N] [--out FOLDER]
                                            many replicas restart together under writes: time, longest write, memory; draws charts
            strangers                       1,000 hostile connections against a master with replicas, with and without TLS
            hitratio [--length N]           how often a limited cache has what it is asked for, beside LRU and MemoryCache
            limitcost                       time per operation with and without MemoryLimit
            bdn [--filter *]                microbenchmarks
            """);
        return 1;
}
