using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Callers that read an entry on any node and change it if it is still what they read: on a master at once or a little later, on a replica by a forwarded write.</summary>
internal sealed class ComparingClients(Cluster cluster, SeededRandom random)
{
    private const int Keys = 4;

    private readonly long _pause = random.Scaled(3_000, 200_000);
    private bool _isCalling = true;

    public void Start() => cluster.Time.After(0, CallSome);

    public void Stop() => _isCalling = false;

    private void CallSome()
    {
        if (!_isCalling)
        {
            return;
        }

        SimulatedNode node = random.Pick<SimulatedNode>([.. cluster.Nodes]);
        if (node.Process is { } process && (node.TakesWrites || node.IsStreaming))
        {
            process.Run(() => Call(process));
        }

        cluster.Time.After(random.Between(1, _pause), CallSome);
    }

    private void Call(SimulatedProcess process)
    {
        DataSet data = process.Core.Data;
        string key = $"compared {random.Next(Keys)}";
        StoreKey storeKey = data.Store.MakeKey(ModelKey.Bytes(key));
        EntryVersion version = data.Store.VersionOf(storeKey);
        data.Store.Get(key, out byte[]? value);
        Comparison comparison = cluster.Comparisons.Add(key, version, value, isRemoval: !version.IsNone && random.Chance(20));
        byte[] next = ComparisonLedger.Value(comparison, (int)random.Scaled(12, 500));
        WriteExpiration expiration = random.Chance(10) ? new WriteExpiration(null, TimeSpan.FromMilliseconds(random.Scaled(50, 5_000)), null) : default;

        // What was read may have changed meanwhile.
        process.After(random.Chance(60) ? 0 : random.Scaled(1, 300_000), () =>
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
        cluster.Model.Follow(process, () =>
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
            cluster.Situations.Count(comparison.IsRemoval ? SituationCatalogue.CompareAndRemoveDone : SituationCatalogue.CompareAndSetDone);
            cluster.Comparisons.Succeeded(comparison, data.History.Id, data.Offset);
        }
        else
        {
            cluster.Situations.Count(SituationCatalogue.CompareAndSetConflict);
            cluster.Comparisons.Conflicted(comparison, data.History.Id, data.Offset);
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
        var call = new ComparedCall(process, cluster.Comparisons, comparison, bytes, length);
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
            cluster.CountRefusal(process);
            ComparisonLedger.NothingWritten(comparison);
        }
    }
}
