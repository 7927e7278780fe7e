using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Callers that read an entry on any node and change it if it is still what they read: on a master at once or a little later, on a replica by a forwarded write.</summary>
internal sealed class ComparingClients(Cluster cluster, SeededRandom random) : PacedClients(cluster, random, least: 3_000, most: 200_000)
{
    private const int Keys = 4;


    protected override void CallSome()
    {
        SimulatedNode node = Random.Pick<SimulatedNode>([.. Cluster.Nodes]);
        if (node.Process is { } process && (node.TakesWrites || node.IsStreaming))
        {
            process.Run(() => Call(process));
        }
    }

    private void Call(SimulatedProcess process)
    {
        DataSet data = process.Core.Data;
        string key = $"compared {Random.Next(Keys)}";
        StoreKey storeKey = data.Store.MakeKey(ModelKey.Bytes(key));
        EntryVersion version = data.Store.VersionOf(storeKey);
        data.Store.Get(key, out byte[]? value);
        Comparison comparison = Cluster.Comparisons.Add(key, version, value, isRemoval: !version.IsNone && Random.Chance(20));
        byte[] next = ComparisonLedger.Value(comparison, (int)Random.Scaled(12, 500));
        WriteExpiration expiration = Random.Chance(10) ? new WriteExpiration(null, TimeSpan.FromMilliseconds(Random.Scaled(50, 5_000)), null) : default;

        // What was read may have changed meanwhile.
        process.After(Random.Chance(60) ? 0 : Random.Scaled(1, 300_000), () =>
        {
            if (process.Core.IsSettledMaster)
            {
                WriteHere(process, comparison, next, expiration);
            }
            else if (process.Core.ForwardsWrites && process.Core.IsLinkUp)
            {
                Forward(process, comparison, next, expiration);
            }
        });
    }

    private void WriteHere(SimulatedProcess process, Comparison comparison, byte[] value, WriteExpiration expiration)
    {
        bool isDone = false;
        Cluster.Model.Follow(process, () =>
        {
            NodeCore core = process.Core;
            StoreKey key = core.Data.Store.MakeKey(ModelKey.Bytes(comparison.Key));
            isDone = comparison.IsRemoval
                ? core.CompareAndRemove(key, comparison.Expected)
                : core.CompareAndSet(key, comparison.Expected, new ReadOnlySequence<byte>(value), DeadlineClock.Resolve(expiration, process.Clock));
        });
        DataSet data = process.Core.Data;
        if (isDone)
        {
            Cluster.Situations.Count(comparison.IsRemoval ? SituationCatalogue.CompareAndRemoveDone : SituationCatalogue.CompareAndSetDone);
            Cluster.Comparisons.Succeeded(comparison, data.History.Id, data.Offset);
        }
        else
        {
            Cluster.Situations.Count(SituationCatalogue.CompareAndSetConflict);
            Cluster.Comparisons.Conflicted(comparison, data.History.Id, data.Offset);
        }
    }

    private void Forward(SimulatedProcess process, Comparison comparison, byte[] value, WriteExpiration expiration)
    {
        var buffer = new OperationBuffer(0);
        if (comparison.IsRemoval)
        {
            buffer.AddCompareAndRemove(comparison.Key, comparison.Expected);
        }
        else
        {
            buffer.AddCompareAndSet(comparison.Key, value, comparison.Expected, expiration);
        }

        (byte[] bytes, int length) = buffer.Take();
        var call = new ComparedCall(process, Cluster.Comparisons, comparison, bytes, length);
        try
        {
            lock (process.Core.Gate)
            {
                process.Core.Forwarder.Begin(call, process.Now());
            }
        }
        catch (ReplicatedCacheException)
        {
            call.ReleaseBytes();
            Cluster.CountRefusal(process);
            ComparisonLedger.NothingWritten(comparison);
        }
    }
}
