using System.Globalization;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>What happens to the connection at the chosen byte.</summary>
internal enum CutKind
{
    /// <summary>It breaks, and both ends know.</summary>
    Break,

    /// <summary>The rest of that direction gets lost, and nobody is told.</summary>
    Silence,

    /// <summary>A bit of that byte flips.</summary>
    Flip,
}

/// <summary>Which sync the connection is for.</summary>
internal enum CutCase
{
    /// <summary>A replica with data of another history is ordered to take a full sync, then follows the stream.</summary>
    FullSync,

    /// <summary>A replica that was away comes back for what it missed, then follows the stream.</summary>
    PartialResync,
}

/// <summary>How many cuts were survived.</summary>
internal sealed record CutReport(int Passed, IReadOnlyList<string> Failures);

/// <summary>
/// A small fixed sync, run once to count the bytes of its connection and then once for every byte of either direction, with
/// the connection cut there: in handshake, snapshot and stream. Old data must stay readable until the swap, and all must end equal.
/// </summary>
internal static class CutScenario
{
    private static readonly NodeSettings Settings = new()
    {
        ChunkSize = 96,
        BacklogSize = 100_000,
        ReplicaOutputLimit = 1_000_000,
        HeartbeatInterval = 100,
        AckInterval = 50,
        LinkTimeout = 400,
        HandshakeTimeout = 300,
        ReconnectDelay = 100,
        AcceptedPasswords = [Protocol.PasswordKey.Create("secret")],
        MasterPassword = Protocol.PasswordKey.Create("secret"),
    };

    public static CutReport RunAll(TextWriter? output = null)
    {
        int passed = 0;
        List<string> failures = [];
        foreach (CutCase scenario in Enum.GetValues<CutCase>())
        {
            foreach (CutKind kind in Enum.GetValues<CutKind>())
            {
                CutReport report = Run(scenario, kind, output);
                passed += report.Passed;
                failures.AddRange(report.Failures);
            }
        }

        return new CutReport(passed, failures);
    }

    /// <summary>Cuts at every byte of both directions in one way.</summary>
    public static CutReport Run(CutCase scenario, CutKind kind, TextWriter? output = null)
    {
        (long toMaster, long toReplica) = Measure(scenario);
        List<string> failures = [];
        for (int i = 0; i < toMaster + toReplica; i++)
        {
            bool isToMaster = i < toMaster;
            long at = isToMaster ? i : i - toMaster;
            try
            {
                Play(scenario, connection => Apply(kind, at, isToMaster ? connection.ToMaster.Faults : connection.ToReplica.Faults));
            }
#pragma warning disable CA1031 // Whatever escapes is what is looked for.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                string direction = isToMaster ? "to the master" : "to the replica";
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{scenario}, {kind} at byte {at} {direction}: {exception.Message}"));
                output?.WriteLine(failures[^1]);
            }
        }

        output?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{scenario}, {kind}: {toMaster} bytes to the master and {toReplica} to the replica, {failures.Count} failed"));
        return new CutReport((int)(toMaster + toReplica) - failures.Count, failures);
    }

    private static (long ToMaster, long ToReplica) Measure(CutCase scenario)
    {
        VirtualConnection? measured = null;
        Play(scenario, connection => measured = connection);
        return (measured!.ToMaster.Delivered, measured.ToReplica.Delivered);
    }

    public static void Apply(CutKind kind, long at, PipeFaults faults)
    {
        switch (kind)
        {
            case CutKind.Break:
                faults.BreakAt = at;
                break;
            case CutKind.Silence:
                faults.SilentAt = at;
                break;
            default:
                faults.FlipAt = at;
                faults.FlipBit = (int)(at % 8);
                break;
        }
    }

    private static void Play(CutCase scenario, Action<VirtualConnection> firstConnection)
    {
        using var memory = new SeedMemory();
        var cluster = new Cluster(4711, memory: memory);
        SimulatedNode master = cluster.Add("master", Settings).Start();
        SimulatedNode old = cluster.Add("old master", Settings).Start();
        SimulatedNode replica = cluster.Add("replica", Settings, "old master");
        Fill(cluster, old, "old", 3);
        Fill(cluster, master, "new", 6);
        if (scenario == CutCase.FullSync)
        {
            replica.Start();
            cluster.RunUntil(() => Cluster.IsEqual(replica, old), "the replica has the old data");
        }
        else
        {
            replica.ConfiguredMaster = "master";
            replica.Start();
            cluster.RunUntil(() => Cluster.IsEqual(replica, master), "the replica has the first data");
        }

        bool isFirst = true;
        cluster.Network.Opened = connection =>
        {
            if (isFirst)
            {
                isFirst = false;
                firstConnection(connection);
            }
        };
        Begin(scenario, cluster, master, replica);
        Fill(cluster, master, "meanwhile", 2);
        cluster.Run(30);
        Fill(cluster, master, "streamed", 2);
        cluster.Remove(master, "new 1");
        cluster.Run(150);
        cluster.RunUntil(() => Cluster.IsEqual(replica, master), "the replica has everything", 10_000);
        cluster.CheckEverything();
    }

    private static void Begin(CutCase scenario, Cluster cluster, SimulatedNode master, SimulatedNode replica)
    {
        if (scenario == CutCase.FullSync)
        {
            replica.ReplicateFrom("master");
            return;
        }

        Fill(cluster, master, "missed", 2);
        foreach (VirtualConnection connection in cluster.Network.Live.ToArray())
        {
            connection.Break();
        }
    }

    private static void Fill(Cluster cluster, SimulatedNode node, string name, int entries)
    {
        for (int i = 0; i < entries; i++)
        {
            cluster.Set(node, $"{name} {i}", new byte[i * 40]);
        }
    }
}
