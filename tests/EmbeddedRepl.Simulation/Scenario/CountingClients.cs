using System.Buffers;
using System.Buffers.Binary;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>
/// P2 as a caller sees it: no reader goes backwards within a history. Masters write ever larger numbers; each node has a reader who never finds a smaller one than
/// before, unless the node has reported that it took over another line. Looks at values alone.
/// </summary>
internal sealed class CountingClients(Cluster cluster, SeededRandom random)
{
    private const string Key = "count";

    private readonly Dictionary<SimulatedProcess, Reading> _last = [];
    private readonly long _pause = random.Scaled(2_000, 50_000);
    private long _number;
    private bool _isWriting = true;

    public void Start()
    {
        cluster.Time.After(0, WriteSome);
        cluster.Time.After(0, ReadSome);
    }

    public void StopWriting() => _isWriting = false;

    private void WriteSome()
    {
        if (!_isWriting)
        {
            return;
        }

        if (random.Pick<SimulatedNode>([.. cluster.Nodes]) is { TakesWrites: true, Process: { } process })
        {
            process.Run(() =>
            {
                byte[] value = new byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(value, ++_number);
                if (process.Core.IsSettledMaster)
                {
                    cluster.Model.Follow(process, () => process.Core.Set(process.Core.Data.Store.MakeKey(ModelKey.Bytes(Key)), new ReadOnlySequence<byte>(value), default));
                }
            });
        }

        cluster.Time.After(random.Between(1, _pause), WriteSome);
    }

    private void ReadSome()
    {
        if (random.Pick<SimulatedNode>([.. cluster.Nodes]).Process is { } process)
        {
            process.Run(() => Read(process));
        }

        cluster.Time.After(random.Between(1, _pause), ReadSome);
    }

    private void Read(SimulatedProcess process)
    {
        DataSet data = process.Core.Data;
        if (!data.HasHistory || data.Store.Get(Key, out byte[]? value) != Storage.ReadOutcome.Hit)
        {
            return;
        }

        var now = new Reading(BinaryPrimitives.ReadInt64LittleEndian(value), cluster.Model[data.History.Id], data.Offset, process.Events.Swaps);
        if (_last.TryGetValue(process, out Reading? before) && now.Number < before.Number)
        {
            bool isOtherLine = now.Swaps != before.Swaps && !now.Line.Contains(before.Line, before.Offset);
            if (!isOtherLine)
            {
                throw new SimulationFailedException(
                    $"P2: a reader on {process.Name} found {before.Number} at {before.Line.Id}:{before.Offset} and then {now.Number} at {now.Line.Id}:{now.Offset}.");
            }
        }

        _last[process] = now;
    }

    private sealed record Reading(long Number, HistoryModel Line, long Offset, int Swaps);
}
