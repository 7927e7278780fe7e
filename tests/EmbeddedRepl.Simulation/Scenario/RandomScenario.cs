using System.Globalization;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>One seed: a cluster under clients, faults and orders; then peace, in which everybody must become equal.</summary>
internal static class RandomScenario
{
    /// <summary>How much virtual time a healed cluster may take to become equal, in milliseconds.</summary>
    private const long Patience = 120_000;

    /// <summary>How much may happen before peace: a few seeds would otherwise take as long as all the others.</summary>
    private const long MostEvents = 30_000;

    /// <summary>How long a cluster may take to begin, in microseconds, before things go wrong nevertheless.</summary>
    private const long MostSettling = 10_000_000;

    /// <summary>The longest pause of a process in the full regime, in microseconds.</summary>
    private const long LongestPause = 20_000_000;

    /// <summary>Runs one seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="trace">Where to tell what happens; null for nowhere.</param>
    /// <param name="regime">Which draws it makes.</param>
    public static RunResult Run(ulong seed, TextWriter? trace = null, Regime regime = Regime.Full)
    {
        using var memory = new SeedMemory();

        // Not drawn, so that seeds that once failed go on doing what they did.
        var cluster = new Cluster(seed, trace, memory) { MastersRecover = seed % 4 <= 1 };
        string? failure = null;
        try
        {
            if (regime == Regime.First)
            {
                Play(cluster, seed);
            }
            else
            {
                PlayFull(cluster, seed);
                StoreScenario.Run(seed, cluster.Situations, memory);
                PlaySliding(seed, memory);
            }
        }
#pragma warning disable CA1031 // Whatever escapes the production core or a check is what this program looks for.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception is SimulationFailedException ? exception.Message : exception.ToString();
            cluster.Trace.Add($"FAILED: {failure}");
        }

        return new RunResult(seed, failure, cluster.Trace.Hash, cluster.Time.Now / 1000, cluster.Time.EventsRun, cluster.Situations);
    }

    private static void Play(Cluster cluster, ulong seed)
    {
        SeededRandom random = cluster.Random;
        ForwardingClients? forwarding = ForwardingOf(cluster, seed, out SeededRandom own);
        Build(cluster, random, (settings, _) => forwarding is null ? settings : ForwardingClients.Draw(own, settings), _ => false);
        AddDisks(cluster);
        var clients = new Clients(cluster);
        TokenClients? tokens = TokensOf(cluster, seed, forwards: forwarding is not null);
        var faults = new Faults(cluster);
        var orders = new Operator(cluster);
        foreach (SimulatedNode node in cluster.Nodes)
        {
            node.Start();
        }

        clients.Preload(cluster.Nodes[0], (int)random.Scaled(1, 500));
        clients.Start();
        forwarding?.Start();
        tokens?.Start();
        faults.Start();
        orders.Start();
        cluster.Run(random.Scaled(2_000, 15_000), MostEvents);

        faults.Heal();
        SimulatedNode root = orders.PutInOrder();
        cluster.Run(random.Between(0, 2_000), MostEvents / 3);
        clients.StopWriting();
        EndEqual(cluster, root, forwarding, tokens);
    }

    private static void PlayFull(Cluster cluster, ulong seed)
    {
        // What the first regime draws comes first and from the same source; all else has its own.
        SeededRandom random = cluster.Random;
        ForwardingClients? forwarding = ForwardingOf(cluster, seed, out SeededRandom own);
        var more = new SeededRandom(seed * 0xD1B54A32D192ED03);
        bool isMixed = more.Chance(30);
        SeededRandom versions = more.Fork();
        HashSet<int> newer = [.. Enumerable.Range(0, 5).Where(_ => versions.Chance(isMixed ? 40 : 0))];
        Build(
            cluster,
            random,
            (settings, i) => FullDraw.Adapt(versions, forwarding is null ? settings : ForwardingClients.Draw(own, settings), isMixed, newer.Contains(i)),
            newer.Contains);
        AddDisks(cluster);
        if (cluster.MastersRecover && more.Chance(90))
        {
            // A recovery is about files that are older than what others have, so there must be some.
            foreach (SimulatedNode node in cluster.Nodes)
            {
                node.Disk ??= new SimulatedDisk(more.Fork());
                node.Disk.Pause = Math.Min(node.Disk.Pause, 300_000);
            }
        }

        long memory = more.Chance(3) ? FullDraw.DrawMemory(more) : long.MaxValue;
        foreach (SimulatedNode node in cluster.Nodes)
        {
            node.MasterMemory = memory;
        }

        var clients = new Clients(cluster);
        TokenClients? tokens = TokensOf(cluster, seed, forwards: forwarding is not null);
        var faults = new Faults(cluster, LongestPause);
        var harder = new HarderFaults(cluster, more.Fork());
        var sniper = new Sniper(cluster, faults, harder, more.Fork());
        var orders = new Operator(cluster);
        var manoeuvres = new Manoeuvres(cluster, faults, more.Fork());
        var counting = new CountingClients(cluster, more.Fork());
        var comparing = new ComparingClients(cluster, more.Fork());
        var acked = new AckClients(cluster, faults, more.Fork());
        foreach (SimulatedNode node in cluster.Nodes)
        {
            node.Start();
        }

        // The safety phase: P1 to P4 and P6 to P9 are checked all along.
        clients.Preload(cluster.Nodes[0], (int)random.Scaled(1, 500));
        clients.Start();
        if (memory != long.MaxValue)
        {
            clients.FillUp(cluster.Nodes[0], memory);
        }

        forwarding?.Start();
        tokens?.Start();
        counting.Start();
        comparing.Start();
        acked.Start();
        if (more.Chance(cluster.MastersRecover ? 90 : 60))
        {
            // What goes wrong at the beginning is another matter than what goes wrong with a cluster that works.
            long deadline = cluster.Time.EventsRun + (MostEvents / 2);
            cluster.Time.RunUntil(
                cluster.Time.Now + MostSettling,
                () => cluster.Time.EventsRun >= deadline || cluster.Nodes.All(node => node.ConfiguredMaster is null ? node.TakesWrites : node.IsStreaming));
        }

        faults.Start();
        harder.Start();
        manoeuvres.Start();
        orders.Start();
        cluster.Run(random.Scaled(2_000, 30_000), MostEvents);

        // The liveness phase: nothing goes wrong any more, one operator puts things in order, and P5 is that all become equal, callers are released and nothing is kept of them.
        sniper.Stop();
        manoeuvres.Stop();
        faults.Heal();
        harder.Heal();
        SimulatedNode root = orders.PutInOrder();
        cluster.Run(random.Between(0, 2_000), MostEvents / 3);
        clients.StopWriting();
        counting.StopWriting();
        comparing.Stop();
        acked.Stop();
        EndEqual(cluster, root, forwarding, tokens);
    }

    // That entries live for as long as they are read, wherever that is, takes a calmer cluster: one of few things that all seeds together need not check.
    private static void PlaySliding(ulong seed, SeedMemory memory)
    {
        if (seed % 20 == 9)
        {
            SlidingScenario.Run(seed, shortest: 6_000, longest: 40_000, skew: seed % 40 == 9 ? (0, 0) : (300_000, 0), latest: 5_000, duration: 100_000, memory);
        }
    }

    // P5. Whoever may still wait is released after that, and nothing is kept of them.
    private static void EndEqual(Cluster cluster, SimulatedNode root, ForwardingClients? forwarding, TokenClients? tokens)
    {
        forwarding?.Stop();
        tokens?.Stop();
        cluster.RunUntilEqual(root, Patience);
        forwarding?.CheckEverythingEnds();
        tokens?.CheckEverythingEnds(root);
        CheckTotals(cluster);
    }

    // Like the recovery of masters: chosen by the seed, and drawn from a source of its own.
    private static ForwardingClients? ForwardingOf(Cluster cluster, ulong seed, out SeededRandom random)
    {
        random = new SeededRandom(~seed);
        return seed % 7 is 0 or 1 or 2 or 5 ? new ForwardingClients(cluster, random) : null;
    }

    private static TokenClients? TokensOf(Cluster cluster, ulong seed, bool forwards) =>
        seed % 6 is 1 or 2 ? new TokenClients(cluster, new SeededRandom(ulong.RotateLeft(seed, 32)), forwards) : null;

    private static void Build(Cluster cluster, SeededRandom random, Func<NodeSettings, int, NodeSettings> adapt, Func<int, bool> isNewer)
    {
        NodeSettings settings = SettingsDraw.Draw(random);
        int nodes = random.Next(4) + 2;
        bool isSkewed = random.Chance(30);
        for (int i = 0; i < nodes; i++)
        {
            NodeSettings own = random.Chance(70)
                ? settings
                : SettingsDraw.Draw(random) with
                {
                    AcceptedPasswords = settings.AcceptedPasswords,
                    MasterPassword = settings.MasterPassword,
                    HeartbeatInterval = settings.HeartbeatInterval,
                    AckInterval = settings.AckInterval,
                    LinkTimeout = settings.LinkTimeout,
                };
            string? master = i == 0 ? null : $"n{(random.Chance(60) ? 0 : random.Next(i))}:1";
            NodeSettings adapted = adapt(own, i);
            cluster.Add($"n{i}:1", adapted, master, isSkewed ? TimeSpan.FromMilliseconds(random.Between(-300_000, 300_000)) : default, isNewer(i));
        }
    }

    private static void AddDisks(Cluster cluster)
    {
        SeededRandom random = cluster.Random.Fork();
        int percent = random.Pick(0, 70, 100);
        foreach (SimulatedNode node in cluster.Nodes)
        {
            node.Disk = random.Chance(percent) ? new SimulatedDisk(random.Fork()) : null;
        }
    }

    // A full sync that a replica completed is one that some node finished sending, and that one is one that it began.
    private static void CheckTotals(Cluster cluster)
    {
        NodeTally[] tallies = [.. cluster.Buried, .. cluster.Nodes.Select(node => node.Process!.Events.Tally)];
        long started = tallies.Sum(tally => tally.SyncFull);
        long sent = tallies.Sum(tally => tally.FullSyncsSent);
        long completed = tallies.Sum(tally => tally.FullSyncsCompleted);
        long granted = tallies.Sum(tally => tally.SyncPartialOk);
        long continued = tallies.Sum(tally => tally.PartialResyncsCompleted);
        if (started != cluster.Syncs.Explained)
        {
            throw new SimulationFailedException(string.Create(CultureInfo.InvariantCulture, $"{started} full syncs began, {cluster.Syncs.Explained} had a reason."));
        }

        if (started < sent || sent < completed || granted < continued)
        {
            throw new SimulationFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"Full syncs: {started} started, {sent} sent, {completed} completed; partial: {granted} granted, {continued} continued."));
        }
    }
}

/// <summary>How one seed ended.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Failure">What went wrong; null if nothing did.</param>
/// <param name="TraceHash">The same for two runs exactly if they did the same.</param>
/// <param name="VirtualMilliseconds">How long it took, in virtual time.</param>
/// <param name="Events">How many events there were.</param>
/// <param name="Situations">What came up.</param>
internal sealed record RunResult(ulong Seed, string? Failure, ulong TraceHash, long VirtualMilliseconds, long Events, Situations Situations);
