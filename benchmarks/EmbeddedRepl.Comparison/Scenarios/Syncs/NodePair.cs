using System.Diagnostics;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Syncs;

/// <summary>A master of ours with data, and a node that runs beside it and is told to follow it.</summary>
internal sealed class NodePair : IDisposable
{
    private readonly string _address;

    /// <param name="entries">How many entries the master has.</param>
    /// <param name="settings">Options of both.</param>
    public NodePair(int entries, params string[] settings)
    {
        Master = NodeProcess.StartMaster(settings);
        Master.Ask($"fill {entries} {EntryKeys.ValueSize}");
        Replica = new NodeProcess(settings);
        _address = Master.Info().Address;
    }

    public NodeProcess Master { get; }

    public NodeProcess Replica { get; }

    /// <summary>Takes everything from the replica, which is then a node of its own.</summary>
    public void EmptyReplica() => Replica.Ask("empty");

    /// <summary>Lets the empty replica follow the master, by a full sync.</summary>
    /// <returns>Milliseconds from the order until its link streams and it has all that the master had at that moment.</returns>
    public double Attach()
    {
        long fullSyncs = Master.Info().FullSyncs;
        long start = Stopwatch.GetTimestamp();
        Follow();
        Replica.WaitForStreaming();
        Replica.WaitForOffset(Master.Info().Offset);
        double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        long served = Master.Info().FullSyncs - fullSyncs;
        ScenarioContext.Require(served == 1, $"The replica needed {served} full syncs.");
        return milliseconds;
    }

    /// <summary>Orders the replica to follow the master.</summary>
    public void Follow() => Replica.Ask($"follow {_address}");

    /// <summary>Orders the replica to follow somebody who isn't there. It keeps its data.</summary>
    public void Lead(Nowhere nowhere) => Replica.Ask($"follow {nowhere.Address}");

    /// <summary>Waits until the replica has all that was written, and requires that it is the same data. To be asked while nobody writes.</summary>
    public void RequireSameData()
    {
        NodeInfo master = Master.Info();
        Replica.WaitForOffset(master.Offset);
        NodeInfo replica = Replica.Info();
        ScenarioContext.Require(replica.HasSameDataAs(master), $"The replica differs from the master: {replica}, {master}.");
    }

    public void Dispose()
    {
        Replica.Dispose();
        Master.Dispose();
    }
}
