using BenchmarkDotNet.Running;
using EmbeddedRepl.Benchmarks.Allocations;
using EmbeddedRepl.Benchmarks.Forwarding;
using EmbeddedRepl.Benchmarks.HitRatio;
using EmbeddedRepl.Benchmarks.Storage;
using EmbeddedRepl.Benchmarks.Storm;
using EmbeddedRepl.Benchmarks.Strangers;
using EmbeddedRepl.Benchmarks.Tls;
using EmbeddedRepl.Comparison.Nodes;

switch (args.FirstOrDefault())
{
    case "forward":
        return ForwardFigures.Run();
    case NodeChild.Verb:
        return NodeChild.Run(args[1..]);
    case "tls":
        return TlsFigures.Run();
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
    case AllocationGate.Verb:
        return AllocationGate.Run(args[1..]);
    case "bdn":
        BenchmarkSwitcher.FromAssembly(typeof(StoreReadBenchmarks).Assembly).Run(args[1..]);
        return 0;
    default:
        Console.WriteLine("""
            forward                         writes on a replica, forwarded to a master in another process, beside Redis's SET
            tls                             a full sync in plaintext and over TLS
            storm [--replicas N] [--sinks N] [--entries N] [--replica-rate N] [--sink-rate N] [--out FOLDER]
                                            many replicas restart together under writes: time, longest write, memory; draws charts
            strangers                       1,000 hostile connections against a master with replicas, with and without TLS
            hitratio [--length N]           how often a limited cache has what it is asked for, beside LRU and MemoryCache
            limitcost                       time per operation with and without MemoryLimit
            bdn [--filter *]                microbenchmarks
            allocations [--check FILE] [--update FILE]
                                            bytes that each hot path allocates: prints them, compares them with a file, or writes them there
            """);
        return 1;
}
