using System.Globalization;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// A write that a leaf forwards through a middle node, run once to count the bytes that it moves and then once for every byte of either direction of either
/// hop, with the connection cut there. The ledger compares what the caller is told with what the master does; a later write must be done, and all end equal.
/// </summary>
internal static class ForwardCutScenario
{
    private static readonly NodeSettings Settings = new()
    {
        ForwardsWrites = true,
        ForwardTimeout = 5_000,
        ChunkSize = 96,
        BacklogSize = 1_000_000,
        ReplicaOutputLimit = 1_000_000,
        HeartbeatInterval = 100,
        AckInterval = 50,
        LinkTimeout = 400,
        HandshakeTimeout = 300,
        ReconnectDelay = 100,
    };

    /// <summary>Every byte of a small write, and one of about a hundred places of one in several frames.</summary>
    public static CutReport RunAll(TextWriter? output = null)
    {
        int passed = 0;
        List<string> failures = [];
        foreach (CutKind kind in Enum.GetValues<CutKind>())
        {
            foreach ((int size, int stride) in ((int, int)[])[(40, 1), (150_000, 1_499)])
            {
                CutReport report = Run(kind, size, stride, output);
                passed += report.Passed;
                failures.AddRange(report.Failures);
            }
        }

        return new CutReport(passed, failures);
    }

    /// <summary>Cuts in one way.</summary>
    /// <param name="kind">How.</param>
    /// <param name="size">Bytes of the value that is written.</param>
    /// <param name="stride">From one place to the next, in bytes.</param>
    /// <param name="output">Where failures are told; null for nowhere.</param>
    public static CutReport Run(CutKind kind, int size, int stride, TextWriter? output = null)
    {
        long[] moved = new long[4];
        var ends = new SortedDictionary<ForwardedWriteEnd, int>();
        Play(size, pipes => moved = pipes.Select(pipe => pipe.Delivered).ToArray(), pipes => moved = [.. pipes.Select((pipe, i) => pipe.Delivered - moved[i])]);
        int passed = 0;
        List<string> failures = [];
        for (int pipe = 0; pipe < moved.Length; pipe++)
        {
            for (long at = 0; at < moved[pipe]; at += stride)
            {
                int which = pipe;
                long place = at;
                try
                {
                    ForwardedWriteEnd end = Play(size, pipes => CutScenario.Apply(kind, pipes[which].Delivered + place, pipes[which].Faults), _ => { });
                    ends[end] = ends.GetValueOrDefault(end) + 1;
                    passed++;
                }
#pragma warning disable CA1031 // Whatever escapes is what is looked for.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failures.Add(string.Create(CultureInfo.InvariantCulture, $"{kind} at byte {at} of pipe {pipe} with a value of {size} bytes: {exception.Message}"));
                    output?.WriteLine(failures[^1]);
                }
            }
        }

        output?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Forwarded write of {size} bytes, {kind}: {string.Join(" + ", moved)} bytes, {string.Join(", ", ends.Select(end => $"{end.Value} {end.Key}"))}, {failures.Count} failed"));
        return new CutReport(passed, failures);
    }

    /// <param name="size">Bytes of the value that is written.</param>
    /// <param name="before">Called before the write, with both directions of the upper hop and of the lower one.</param>
    /// <param name="after">Called when it has ended; not if it did not end as done.</param>
    /// <returns>How it ended.</returns>
    private static ForwardedWriteEnd Play(int size, Action<VirtualPipe[]> before, Action<VirtualPipe[]> after)
    {
        using var memory = new SeedMemory();
        var cluster = new Cluster(4711, memory: memory);
        SimulatedNode master = cluster.Add("master", Settings).Start();
        SimulatedNode middle = cluster.Add("middle", Settings, "master").Start();
        SimulatedNode leaf = cluster.Add("leaf", Settings, "middle").Start();
        cluster.Set(master, "key", new byte[100]);
        cluster.RunUntil(() => Cluster.IsEqual(middle, master) && Cluster.IsEqual(leaf, master), "all nodes are equal");
        VirtualPipe[] pipes =
        [
            .. cluster.Network.Live.OrderBy(connection => connection.To == "master" ? 0 : 1)
                .SelectMany(connection => (VirtualPipe[])[connection.ToMaster, connection.ToReplica]),
        ];
        before(pipes);
        ForwardedCall first = cluster.Forward(leaf, default, ("key", size))!;
        cluster.Forward(leaf, default, ("key", 20));
        cluster.RunUntil(() => cluster.Ledger.IsSettled, "the writes have ended", 10_000);
        after(pipes);

        // A silence may have come after the last byte that mattered; by now it has been noticed.
        cluster.Run(2 * Settings.LinkTimeout);
        cluster.RunUntil(() => Cluster.IsEqual(middle, master) && Cluster.IsEqual(leaf, master), "all nodes are equal again", 10_000);
        ForwardedCall last = cluster.Forward(leaf, default, ("last", 20))!;
        cluster.RunUntil(() => cluster.Ledger.IsSettled, "the last write has ended", 10_000);
        if (last.End != ForwardedWriteEnd.Done)
        {
            throw new Engine.SimulationFailedException($"With everything mended, a write ended as {last.End}: {last.Message}");
        }

        cluster.RunUntilEqual(master, 10_000);
        cluster.RunUntil(() => cluster.Nodes.All(ForwardingClients.HoldsNothing), "nothing is kept of forwarded writes", 10_000);
        return first.End;
    }
}
