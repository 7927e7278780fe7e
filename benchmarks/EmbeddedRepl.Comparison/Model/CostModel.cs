namespace EmbeddedRepl.Comparison.Model;

/// <summary>
/// What a cluster costs. Processor time is that of writes (or of applying them) and of the pieces sent to each direct replica: pieces, not bytes, are what costs, and a quiet master sends each write as a piece of its
/// own, a busy one at most one every 100 µs, or, with less than four replicas, 40,000 a second to all of them. Bandwidth is that of each direct replica. Memory is the same on every node, for every node holds everything. Full syncs are sent
/// <c>MaxConcurrentFullSyncs</c> at a time, and a node of a tree serves its own when it has been served.
/// <para>
/// Not in it: reads (they are the application's own), latency of the network between machines, TLS, values beyond a network packet's worth of processor time, and what the collector of the application does.
/// </para>
/// </summary>
/// <param name="calibration">What was measured.</param>
/// <param name="machine">What there is.</param>
internal sealed class CostModel(Calibration calibration, Machine machine)
{
    public const int KeySize = 16;

    /// <summary>Pieces sent to each replica a second at most while less than 16 KiB wait (<c>SendGovernor.MaxDelay</c>).</summary>
    private const double MaxSendsPerSecond = 10_000;

    /// <summary>The same to all replicas of a node together, if those are more (<c>SendGovernor.MinGap</c>).</summary>
    private const double MaxSendsOfNode = 40_000;

    /// <summary>Worth a piece of its own.</summary>
    private const double EnoughBytes = 16 * 1024;

    /// <summary>Header and offset of a piece.</summary>
    private const double PieceOverhead = 24;

    /// <summary>A process with an empty cache, and its backlog.</summary>
    private const double BaseBytes = (60 << 20) + (16 << 20);

    /// <summary>Bytes of stream for a write.</summary>
    public double RecordSize(Workload load) => KeySize + load.ValueSize + calibration.RecordOverhead;

    /// <summary>Pieces a second to each of so many direct replicas.</summary>
    public double SendsPerSecond(Workload load, int replicas)
    {
        double atMost = Math.Max(MaxSendsPerSecond, MaxSendsOfNode / Math.Max(1, replicas));
        return Math.Max(Math.Min(load.WritesPerSecond, atMost), load.WritesPerSecond * RecordSize(load) / EnoughBytes);
    }

    /// <summary>Cores that each of so many direct replicas takes from the node they follow.</summary>
    public double CoresOfReplica(Workload load, int replicas) => SendsPerSecond(load, replicas) * calibration.SendNs / 1e9;

    /// <summary>Cores of the master.</summary>
    public double MasterCores(Workload load, Tree tree) => (load.WritesPerSecond * calibration.WriteNs / 1e9) + (tree.DirectReplicas * CoresOfReplica(load, tree.DirectReplicas));

    /// <summary>Cores of a node that has a master and as many replicas as it may have.</summary>
    public double MiddleCores(Workload load, Tree tree) => LeafCores(load) + (tree.IsStar ? 0 : tree.FanOut * CoresOfReplica(load, tree.FanOut));

    /// <summary>Cores of a node without replicas.</summary>
    public double LeafCores(Workload load) => load.WritesPerSecond * calibration.ApplyNs / 1e9;

    /// <summary>Bytes a second that each of so many direct replicas takes from the node they follow.</summary>
    public double BytesToReplica(Workload load, int replicas) => (load.WritesPerSecond * RecordSize(load)) + (SendsPerSecond(load, replicas) * PieceOverhead);

    /// <summary>Bytes a second that the master sends.</summary>
    public double MasterBytes(Workload load, Tree tree) => tree.DirectReplicas * BytesToReplica(load, tree.DirectReplicas);

    /// <summary>Resident memory of a node.</summary>
    public double Memory(Workload load) => BaseBytes + (load.Entries * (KeySize + load.ValueSize + calibration.EntryOverhead));

    /// <summary>Seconds of a full sync, while as many others go on as may: the slower of what the nodes and what the network can do.</summary>
    public double FullSync(Workload load)
    {
        double nodes = load.Entries * calibration.SyncEntryNs / 1e9;
        double network = load.Entries * RecordSize(load) * machine.ConcurrentFullSyncs / machine.NetworkBytes;
        return Math.Max(nodes, network);
    }

    /// <summary>Seconds until all have their data again, after all but the master began with nothing at the same time.</summary>
    public double Restart(Workload load, Tree tree)
    {
        double rounds = Math.Ceiling(tree.DirectReplicas / (double)machine.ConcurrentFullSyncs);
        return tree.Depth * rounds * FullSync(load);
    }

    /// <summary>Microseconds until half of the writes are visible on the nodes that are farthest away, without the network's own.</summary>
    public double LagUs(Tree tree) => calibration.FirstHopUs + ((tree.Depth - 1) * calibration.HopUs);
}
