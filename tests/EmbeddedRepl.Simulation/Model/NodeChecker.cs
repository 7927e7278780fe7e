using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// Looks at one life of a node after each of its steps. P1: what it serves must be what the model says for its id and offset. P2: it
/// must not go backwards. P6: what it has removed must stay so. P8: what it loses it must have been allowed to lose.
/// </summary>
internal sealed class NodeChecker
{
    private readonly ReferenceModel _model;
    private readonly SimulatedProcess _process;
    private HistoryModel? _seenHistory;
    private long _seenOffset;
    private readonly List<(HistoryModel History, long Offset)> _left = [];
    private readonly MemoryBounds _bounds;
    private long _seenCount;
    private bool _hasSwapped;
    private bool _holdsWhatNobodyGaveUp;
    private long _keptFrom;

    public NodeChecker(ReferenceModel model, SyncModel syncs, SimulatedProcess process)
    {
        _model = model;
        _process = process;
        _bounds = new MemoryBounds(model, process);
        process.Events.WhenSwapped = startOffset =>
        {
            _hasSwapped = true;
            _keptFrom = startOffset ?? process.Core.Data.Offset;
        };
        process.Events.WhenBacklogReleased = offset => _keptFrom = offset;
        process.Events.WhenConfirmed = reason =>
        {
            CheckConfirmation(reason);
            syncs.Answered(process, IsOrdered, isAccepted: true, reason);
        };
        process.Events.WhenRefused = reason => syncs.Answered(process, IsOrdered, isAccepted: false, reason);
        process.Events.WhenTookFromBelow = isGivenUp =>
        {
            _holdsWhatNobodyGaveUp = !isGivenUp;
            OrderChangedAt = process.Now().Milliseconds;
        };
        process.Events.WhenLinkUp = () => IsOrdered = false;
        process.Events.WhenDecided = (peer, verdict, id, offset) => syncs.Decided(process, this, peer, verdict, id, offset);
        process.Events.WhenFullSyncStarted = peer => syncs.Started(process, peer);
    }

    /// <summary>Where a key was last removed on what this node has applied; -1 if it never was.</summary>
    public long LastRemoval(string key) => _process.Core.Data is { HasHistory: true } data ? _model[data.History.Id].LastRemoval(key, data.Offset) : -1;

    /// <summary>Whether an operator's order stands that lets the node replace its data.</summary>
    public bool IsOrdered
    {
        get;
        set
        {
            if (field != value)
            {
                OrderChangedAt = _process.Now().Milliseconds;
            }

            field = value;
            _holdsWhatNobodyGaveUp &= !value;
        }
    }

    /// <summary>Whether that order gives up what the node holds: not what it has taken from below since, and nobody gave up.</summary>
    public bool GivesUpData => IsOrdered && !_holdsWhatNobodyGaveUp;

    /// <summary>When <see cref="IsOrdered"/> last changed, in milliseconds of the process's monotonic clock; long ago if never.</summary>
    public long OrderChangedAt { get; private set; } = long.MinValue / 2;

    /// <summary>The process's monotonic clock, in milliseconds.</summary>
    public long Milliseconds => _process.Now().Milliseconds;

    /// <summary>Whether some master carries an operator's override.</summary>
    public Func<bool> IsOverridden { get; set; } = () => false;

    /// <summary>The lines that this process gave up with permission: those below it may give up the same.</summary>
    public AbandonedLines Abandoned { get; } = new();

    /// <summary>From where on the backlog has to have everything: contiguous bytes since the data set was taken, and as many as it is large.</summary>
    public long BacklogReaches => Math.Max(_process.Core.Data.Offset - _process.Core.Settings.BacklogSize, _keptFrom);

    public long MostRetainedBytes { get; private set; }

    /// <summary>P7 of every read.</summary>
    public required ValueOrigins Origins { get; init; }

    /// <summary>P8 of every swap.</summary>
    public required WipeGuard Wipes { get; init; }

    /// <summary>P4: whether this process has ever served a place of a history.</summary>
    public bool HasServed(HistoryModel history, long offset) => _left.Append((_seenHistory!, _seenOffset))
        .Any(place => place.Item1 is { } line && place.Item2 >= offset && line.Contains(history, offset));

    /// <summary>The process begins with what its snapshot file held.</summary>
    public void Loaded() => _keptFrom = _process.Core.Data.Offset;

    public void Observe()
    {
        NodeCore core = _process.Core;
        DataSet data = core.Data;
        MostRetainedBytes = Math.Max(MostRetainedBytes, data.Log.RetainedBytes);
        _bounds.Check();
        CheckPlaces(core);
        if (!data.HasHistory)
        {
            if (!data.Store.IsEmpty || data.Offset != 0)
            {
                throw Failed("serves data that belongs to no history");
            }

            return;
        }

        if (_seenHistory?.Id == data.History.Id && _seenOffset == data.Offset)
        {
            return;
        }

        HistoryModel history = _model[data.History.Id];
        CheckAncestors(data.History, history);
        CheckState(data, history);
        CheckProgress(data, history);
        if (_hasSwapped)
        {
            Wipes.CheckSwap(_process, _seenHistory, _seenCount, history);
        }

        _seenHistory = history;
        _seenOffset = data.Offset;
        _seenCount = data.Store.Count;
        _hasSwapped = false;
    }

    /// <summary>Compares everything the node serves with the model, entry by entry and by counting anew.</summary>
    public void CheckEverything()
    {
        DataSet data = _process.Core.Data;
        if (!data.HasHistory)
        {
            return;
        }

        HistoryModel history = _model[data.History.Id];
        lock (_process.Core.Gate)
        {
            StoreDigest recounted = data.Store.Recount(out long count);
            if (recounted != data.Store.Digest || count != data.Store.Count)
            {
                throw Failed($"has {data.Store.Count} entries with digest {data.Store.Digest}, but counting gives {count} and {recounted}");
            }
        }

        foreach (string key in history.KeysEver())
        {
            CheckKey(key);
        }
    }

    /// <summary>Reads one key as a caller and as an observer, and compares it with the model.</summary>
    public void CheckKey(string key)
    {
        DataSet data = _process.Core.Data;
        ModelEntry? expected = data.HasHistory ? _model[data.History.Id].At(key, data.Offset) : null;
        long now = _process.Now().UtcMilliseconds;
        ReadOutcome found = data.Store.TryGetMetadata(data.Store.MakeKey(ModelKey.Bytes(key)), out EntryMetadata metadata);
        ReadOutcome read = data.Store.Get(ModelKey.ToKey(key), out byte[]? value);
        if (data.HasHistory)
        {
            CheckRemoval(data, key, found, metadata);
            if (value is not null)
            {
                Origins.CheckRead(_process.Name, _model[data.History.Id], data.Offset, value);
            }
        }

        if ((found == ReadOutcome.Hit) != (expected is not null))
        {
            throw Failed($"{(expected is null ? "has" : "lacks")} an entry of {key.Length} characters at offset {data.Offset}");
        }

        if (expected is null)
        {
            return;
        }

        if (metadata.Version != expected.Version || metadata.Expiration != expected.Expiration || metadata.LastChange != expected.LastChange)
        {
            throw Failed($"has {metadata} where {expected} was written");
        }

        bool isExpired = expected.Expiration.Deadline != 0 && Math.Max(expected.Expiration.Deadline, metadata.EffectiveDeadline) <= now;
        if (isExpired && _process.Core.Role == ReplicationRole.Replica)
        {
            _process.Situations.Count(SituationCatalogue.HiddenOnReplica);
        }

        if ((read == ReadOutcome.Hit) == isExpired || (value is not null && !value.AsSpan().SequenceEqual(expected.Value)))
        {
            throw Failed($"answers a read with {read}, {value?.Length} bytes, where {expected} was written; it is {now}");
        }
    }

    // A process that has come by a newer connection counts once, or it could acknowledge, and hold back the stream, for two.
    private void CheckPlaces(NodeCore core)
    {
        for (int i = 0; i < core.Sessions.Count; i++)
        {
            if (!core.Sessions[i].TakesPlace)
            {
                continue;
            }

            for (int j = i + 1; j < core.Sessions.Count; j++)
            {
                if (core.Sessions[j].TakesPlace && core.Sessions[j].RunId == core.Sessions[i].RunId)
                {
                    throw Failed($"has two places for one process, {core.Sessions[i].Peer} and {core.Sessions[j].Peer}");
                }
            }
        }
    }

    // P6: an entry that is there was set after the last removal of its key that the node has applied.
    private void CheckRemoval(DataSet data, string key, ReadOutcome found, in EntryMetadata metadata)
    {
        if (found == ReadOutcome.Hit && _model[data.History.Id].LastRemoval(key, data.Offset) is >= 0 and long removed && metadata.Version <= removed)
        {
            throw Failed($"at {data.Offset} has an entry of version {metadata.Version} that was removed at {removed} (P6)");
        }
    }

    // P1: the digest at this offset is that of the prefix that the model has folded.
    private void CheckState(DataSet data, HistoryModel history)
    {
        Boundary expected = history.Find(data.Offset) ?? throw Failed($"serves offset {data.Offset}, where no record ends");
        lock (_process.Core.Gate)
        {
            if (data.Store.Digest.Sum != expected.Digest || data.Store.Count != expected.Count)
            {
                throw Failed($"serves {data.Store.Count} entries with digest {data.Store.Digest} at {data.Offset}, where its master had {expected}");
            }
        }
    }

    // P2: readers never go backwards, except by a swap; and a swap loses nothing that it was not allowed to lose.
    private void CheckProgress(DataSet data, HistoryModel history)
    {
        bool goesOn = _seenHistory is null || (data.Offset >= _seenOffset && history.Contains(history.PlaceOf(_seenHistory, _seenOffset), _seenOffset));
        bool isOldMaster = _seenHistory is not null && history != _seenHistory && _seenHistory.Writer == _process && _process.Core.Role == ReplicationRole.Replica;
        if (goesOn)
        {
            if (isOldMaster && !_hasSwapped)
            {
                _process.Situations.Count(SituationCatalogue.OldMasterContinues);
            }

            return;
        }

        if (isOldMaster)
        {
            _process.Situations.Count(SituationCatalogue.OldMasterGivesUp);
        }

        _left.Add((_seenHistory!, _seenOffset));
        if (!_hasSwapped)
        {
            throw Failed($"went from {_seenHistory!.Id}:{_seenOffset} to {history.Id}:{data.Offset} without a full sync");
        }

        bool isAllowed = _process.Events.LastConfirmed switch
        {
            ConfirmationReason.HoldsNoData or ConfirmationReason.Ordered or ConfirmationReason.Overridden => true,
            ConfirmationReason.EndedByPromotion => history.DescendsFrom(_seenHistory!),
            ConfirmationReason.OfferedHistoryIsMuchNewer => history.Origin == _seenHistory!.Origin,
            _ => false,
        };

        // What an order gave up may also go when its new master has this node pass on what a replica below offers, which nobody is asked about.
        isAllowed |= IsOrdered;

        // A recovering master whose own data set has no entries gives up nothing, whatever line it is on.
        if (!isAllowed && _seenCount > 0)
        {
            throw Failed($"lost data by a full sync that was allowed for {_process.Events.LastConfirmed}");
        }

        // Whoever replicates from this node may follow it, as far as it had come itself.
        _model.Abandoned.Add(_seenHistory!, _seenOffset);
        Abandoned.Add(_seenHistory!, _seenOffset);
    }

    private void CheckConfirmation(ConfirmationReason reason)
    {
        bool isJust = reason switch
        {
            ConfirmationReason.HoldsNoData => !_process.Core.Data.HoldsData,
            ConfirmationReason.Ordered => IsOrdered,
            ConfirmationReason.Overridden => IsOverridden() || _model.Abandoned.Contains(_seenHistory, _seenOffset),

            // The swap is compared with what really happened; see CheckProgress.
            _ => true,
        };
        if (!isJust)
        {
            throw Failed($"allows a full sync for {reason}, which is not so");
        }
    }

    private void CheckAncestors(ReplicationHistory claimed, HistoryModel history)
    {
        if (_seenHistory == history)
        {
            return;
        }

        long end = long.MaxValue;
        HistoryModel line = history;
        foreach (Ancestor ancestor in claimed.Ancestors)
        {
            end = Math.Min(end, line.Start);
            line = line.Parent ?? throw Failed($"claims an ancestor {ancestor} that its history has not");
            if (line.Id != ancestor.Id || ancestor.EndOffset != end)
            {
                throw Failed($"claims an ancestor {ancestor}, but it is {line.Id} and ended at {end}");
            }
        }

        if (claimed.Ancestors.Length < ReplicationHistory.MaxAncestors && (line.Parent is not null || line.Id != claimed.OriginId))
        {
            throw Failed("forgot an ancestor, or its origin");
        }
    }

    private SimulationFailedException Failed(string what) => new($"{_process.Name} {what}.");
}
