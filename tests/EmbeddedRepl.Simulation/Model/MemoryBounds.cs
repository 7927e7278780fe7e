using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>P9: memory bounds hold, after each step of a node: stream, what a replica may hold back, data set, and everything that waits.</summary>
internal sealed class MemoryBounds(ReferenceModel model, SimulatedProcess process)
{
    /// <summary>Blocks at both ends of what is retained, which are partly used.</summary>
    private const int EdgeBlocks = 2;

    private bool _wasWithinLimit;
    private long _limit;
    private CacheStore? _store;

    public void Check()
    {
        NodeCore core = process.Core;
        NodeSettings settings = core.Settings;
        long limit = settings.EffectiveOutputLimit + (2 * model.LargestRecord) + settings.ChunkSize + (EdgeBlocks * StreamBlockPool.DefaultBlockSize);
        Demand(core.Data.Log.RetainedBytes, limit, "bytes of stream");
        foreach (MasterSession session in core.Sessions)
        {
            Demand(session.PendingBytes, settings.EffectiveOutputLimit + model.LargestRecord, "bytes for one replica");
        }

        if (core.FullSyncs.Running > settings.MaxConcurrentFullSyncs)
        {
            throw Failed($"sends {core.FullSyncs.Running} snapshots at a time");
        }

        Demand(core.Sessions.Count, settings.MaxReplicas + settings.MaxPendingHandshakes, "sessions");
        Demand(core.AckWaits.Count, AckWaits.Capacity, "waits for acknowledgements");
        Demand(core.PositionWaits.Count, PositionWaits.Capacity, "waits for positions");
        Demand(core.Forwarder.Count, settings.MaxForwardedWrites, "forwarded writes");
        Demand(core.Uplink.RelayedBytes, Math.Max(settings.ForwardBufferSize, FrameLimits.Control) + FrameLimits.BeforeAuthentication, "bytes to pass on");
        CheckStore(core);
    }

    // A limit that is lowered below what is in use, or during a load, takes a while to be reached; from then on it holds.
    private void CheckStore(NodeCore core)
    {
        if (core.Data.Store.MaxBytes != _limit || core.Data.Store != _store)
        {
            _store = core.Data.Store;
            _limit = core.Data.Store.MaxBytes;
            _wasWithinLimit = false;
        }

        bool isWithin = core.Data.Store.UsedBytes <= _limit;
        if (_wasWithinLimit && !isWithin)
        {
            throw Failed($"uses {core.Data.Store.UsedBytes} bytes for its data set, more than {_limit}");
        }

        _wasWithinLimit |= isWithin;
    }

    private void Demand(long actual, long bound, string what)
    {
        if (actual > bound)
        {
            throw Failed($"keeps {actual} {what}, more than {bound}");
        }
    }

    private SimulationFailedException Failed(string what) => new($"P9: {process.Name} {what}.");
}
