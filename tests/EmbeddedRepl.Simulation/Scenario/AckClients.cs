using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// P4: a write acknowledged by k nodes survives the loss of fewer than k when an acknowledger is promoted. Callers write on a master and wait for k replicas. When they are told that k have
/// it, k other nodes must really have served it; and now and then the master dies at that very moment, with k - 1 of those nodes, one of the others is promoted, and must answer with the write.
/// </summary>
internal sealed class AckClients : PacedClients
{
    /// <summary>Failovers in one run: each ends what else is going on.</summary>
    private const int MostFailovers = 3;

    private readonly Faults _faults;
    private readonly int _failoverPercent;
    private int _failovers;
    private int _writes;

    public AckClients(Cluster cluster, Faults faults, SeededRandom random)
        : base(cluster, random, least: 5_000, most: 300_000)
    {
        _faults = faults;
        _failoverPercent = random.Pick(0, 2, 10);
    }

    protected override void CallSome()
    {
        SimulatedNode node = Random.Pick<SimulatedNode>([.. Cluster.Nodes]);
        if (node is { TakesWrites: true, Process: { } process })
        {
            process.Run(() => Call(node, process));
        }
    }

    private void Call(SimulatedNode node, SimulatedProcess process)
    {
        NodeCore core = process.Core;
        if (!core.IsSettledMaster || core.AckWaits.Count > 50)
        {
            return;
        }

        string key = $"acknowledged {Random.Next(5)}";
        byte[] value = new byte[16];
        Random.Fill(value);
        BitConverter.TryWriteBytes(value, ++_writes);
        Cluster.Model.Follow(process, () => core.Set(core.Data.Store.MakeKey(ModelKey.Bytes(key)), new ReadOnlySequence<byte>(value), default));
        HistoryModel history = Cluster.Model[core.Data.History.Id];
        int attached = core.Sessions.Count(session => session.IsSynced);
        int count = attached > 1 && Random.Chance(70) ? 2 : 1;
        var write = new AckedWrite(node, process, history, core.Data.Offset, key, value, count);
        long deadline = process.Now().Milliseconds + Random.Scaled(5, 3_000);
        lock (core.Gate)
        {
            core.WaitForAcks(new AckWait(core.Data.Offset, count, deadline, wait => Ended(write, wait)), process.Now());
        }
    }

    private void Ended(AckedWrite write, AckWait wait)
    {
        if (wait.State == AckWaitState.TimedOut)
        {
            Cluster.Situations.Count(SituationCatalogue.AckTimedOut);
        }

        // Processes, not nodes: one that died unheard counts until its silence is noticed, and so does the one that was started in its place.
        int holders = Cluster.Nodes.Where(node => node != write.Node).Sum(node => node.Served.Count(life => life.HasServed(write.History, write.Offset)));
        if (holders < wait.Reached)
        {
            throw new SimulationFailedException(
                $"P4: a caller on {write.Node.Name} was told that {wait.Reached} replicas have {write.History.Id}:{write.Offset}, and {holders} have ever had it.");
        }

        if (wait.State != AckWaitState.Reached)
        {
            return;
        }

        if (wait.Reached < write.Count)
        {
            throw new SimulationFailedException($"P4: a wait for {write.Count} replicas was reached with {wait.Reached}.");
        }

        Cluster.Situations.Count(write.Count == 1 ? SituationCatalogue.AckedByOne : SituationCatalogue.AckedByTwo);
        if (IsCalling && _failovers < MostFailovers && Random.Chance(_failoverPercent * write.Count * write.Count))
        {
            _failovers++;
            Cluster.Time.After(0, () => FailOver(write));
        }
    }

    // The nodes, besides the master, whose present process has served the write at some time. One that died since has had it, too, but cannot be promoted.
    private SimulatedNode[] HoldersOf(AckedWrite write) =>
        [.. Cluster.Nodes.Where(node => node != write.Node && node.Served.Exists(checker => checker.HasServed(write.History, write.Offset)))];

    private void FailOver(AckedWrite write)
    {
        List<SimulatedNode> left = [.. HoldersOf(write).Where(node => node.Process is { IsFrozen: false } process && Has(process, write))];
        if (write.Node.Process != write.Process || left.Count < write.Count)
        {
            // A fault came first: more are lost than the caller was promised to survive.
            return;
        }

        Cluster.Trace.Add($"{write.Node.Name} dies because {write.Count} have acknowledged {write.Offset}");
        _faults.Die(write.Node, isPowerLoss: Random.Chance(50));
        for (int lost = 1; lost < write.Count; lost++)
        {
            SimulatedNode victim = Random.Pick(left.ToArray());
            left.Remove(victim);
            _faults.Die(victim, isPowerLoss: false);
        }

        SimulatedNode heir = Random.Pick(left.ToArray());
        heir.Promote(force: false);
        if (!heir.TakesWrites)
        {
            return;
        }

        CheckSurvives(heir, write);
        Cluster.Situations.Count(SituationCatalogue.AckedThenPromoted);
        if (write.Count > 1)
        {
            Cluster.Situations.Count(SituationCatalogue.AckedThenLost);
        }

        foreach (SimulatedNode other in Cluster.Nodes)
        {
            if (other != heir && other.Process is not null && Random.Chance(70))
            {
                other.ReplicateFrom(heir.Name);
            }
        }
    }

    private bool Has(SimulatedProcess process, AckedWrite write) => process.Core.Data is { HasHistory: true } data
        && data.Offset >= write.Offset && Cluster.Model[data.History.Id].Contains(write.History, write.Offset);

    private static void CheckSurvives(SimulatedNode heir, AckedWrite write)
    {
        SimulatedProcess process = heir.Process!;
        process.Run(() =>
        {
            process.Core.Data.Store.TryGetMetadata(process.Core.Data.Store.MakeKey(ModelKey.Bytes(write.Key)), out Storage.EntryMetadata metadata);
            process.Core.Data.Store.Get(write.Key, out byte[]? value);
            bool isThere = value is not null && value.AsSpan().SequenceEqual(write.Value);
            bool isOverwritten = metadata.Version > write.Offset;
            bool isRemoved = heir.Checker!.LastRemoval(write.Key) > write.Offset;
            if (!isThere && !isOverwritten && !isRemoved)
            {
                throw new SimulationFailedException(
                    $"P4: {write.Count} nodes acknowledged {write.History.Id}:{write.Offset}, {heir.Name} among them, which was promoted and lacks it.");
            }
        });
    }

    private sealed record AckedWrite(SimulatedNode Node, SimulatedProcess Process, HistoryModel History, long Offset, string Key, byte[] Value, int Count);
}
