using System.Runtime.InteropServices;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>All histories that were ever written in a run.</summary>
internal sealed class ReferenceModel
{
    private readonly Dictionary<ReplicationId, HistoryModel> _histories = [];
    private readonly List<byte> _written = [];

    public long LargestRecord { get; private set; }

    /// <summary>The lines that nodes gave up because somebody decided so.</summary>
    public AbandonedLines Abandoned { get; } = new();

    /// <summary>Called with each change that a master makes.</summary>
    public Action<HistoryModel, ModelChange> WhenChanged { get; set; } = (_, _) => { };

    public IEnumerable<HistoryModel> Histories => _histories.Values;

    public HistoryModel this[ReplicationId id] => _histories.TryGetValue(id, out HistoryModel? history)
        ? history
        : throw new SimulationFailedException($"Nobody ever wrote a history {id}.");

    /// <summary>A node has become a master: its history begins, or goes on from another one.</summary>
    /// <param name="process">The node.</param>
    /// <param name="how">Whether it was promoted, or started.</param>
    public void Began(SimulatedProcess process, AncestorEnd how)
    {
        DataSet data = process.Core.Data;
        ReplicationHistory history = data.History;
        if (_histories.ContainsKey(history.Id))
        {
            return;
        }

        HistoryModel? parent = null;
        if (history.Ancestors.Length > 0)
        {
            parent = this[history.Ancestors[0].Id];
            if (history.Ancestors[0].EndOffset != data.Offset || history.Ancestors[0].EndedBy != how)
            {
                throw new SimulationFailedException($"{process.Name} begins a history at {data.Offset} by {how}, but its ancestor ended at {history.Ancestors[0]}.");
            }
        }

        _histories[history.Id] = new HistoryModel(history.Id, parent, data.Offset, data.Store.Seed.DigestSeed, how) { WhenChanged = WhenChanged, Writer = process };
    }

    /// <summary>Lets a master change its data, and reads from its stream what it did.</summary>
    public void Follow(SimulatedProcess process, Action change)
    {
        DataSet data = process.Core.Data;
        if (!process.Core.IsSettledMaster)
        {
            change();
            return;
        }

        lock (process.Core.Gate)
        {
            HistoryModel history = this[data.History.Id];
            StreamCursor tap = data.Log.OpenCursor(data.Offset);
            change();
            _written.Clear();
            while (tap.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease))
            {
                _written.AddRange(lease.Bytes.Span);
                lease.Release();
            }

            tap.Close();
            history.Append(CollectionsMarshal.AsSpan(_written));
            LargestRecord = Math.Max(LargestRecord, history.LargestRecord);
        }
    }
}
