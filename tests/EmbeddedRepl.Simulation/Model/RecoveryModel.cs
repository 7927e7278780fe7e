using System.Globalization;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// What a restarted master was offered, and by whom that is still there. Whatever it goes on from has to contain all of that, except what a promotion left behind; and it cannot decide only where
/// that is impossible. Judges by what was really written, and not by the order of candidates that the node computes.
/// </summary>
internal sealed class RecoveryModel(ReferenceModel model, SimulatedProcess process)
{
    private readonly Dictionary<(string Peer, RunId Holder), RecoveryCandidate> _offers = [];
    private readonly HashSet<string> _asked = [];
    private long _startedAt = -1;

    /// <summary>Whether an operator decided that what the master has is what counts.</summary>
    public bool IsOverridden { get; set; }

    // When half of the limit is over, a master goes on with what there is.
    private bool IsInTime => _startedAt < 0 || process.Now().Milliseconds - _startedAt < process.Core.Settings.EffectiveRecoveryLimit / 2;

    public void Started() => _startedAt = process.Now().Milliseconds;

    /// <summary>A replica was told that this master recovers, and is expected to say what it has.</summary>
    public void Asked(string peer) => _asked.Add(peer);

    public void Offered(string peer, RecoveryCandidate candidate)
    {
        _asked.Remove(peer);
        _offers[(peer, candidate.Holder)] = candidate;
    }

    /// <summary>A replica has gone, with everything that came through it.</summary>
    public void Left(string peer, CloseReason reason)
    {
        if (reason == CloseReason.RecoveryEnded)
        {
            return;
        }

        _asked.Remove(peer);
        foreach ((string Peer, RunId Holder) offer in _offers.Keys.Where(offer => offer.Peer == peer).ToArray())
        {
            _offers.Remove(offer);
        }
    }

    /// <summary>The master says that those who offered are on different lines.</summary>
    public void Undecided()
    {
        (HistoryModel Line, long Offset)[] places = [.. Usable().Select(PlaceOf), .. Own() is { } own ? [own] : (ReadOnlySpan<(HistoryModel, long)>)[]];
        if (places.Any(best => places.All(other => IsKept(best.Line, best.Offset, other))))
        {
            throw new SimulationFailedException($"{process.Name} recovers and cannot decide, although what one has contains what all others have.");
        }
    }

    /// <summary>The master goes on from what it has now.</summary>
    public void Ended()
    {
        if (IsOverridden || !IsInTime)
        {
            return;
        }

        if (_asked.Count > 0)
        {
            throw new SimulationFailedException($"{process.Name} ends its recovery before {_asked.First()} has said what it has.");
        }

        if (Own() is not { } own)
        {
            own = (HistoryModel.Nothing, 0);
        }

        foreach (RecoveryCandidate offer in Usable())
        {
            if (!IsKept(own.Line, own.Offset, PlaceOf(offer)))
            {
                throw new SimulationFailedException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{process.Name} goes on from {own.Line.Id}:{own.Offset} after its recovery, without what it was offered: {offer.History.Id}:{offer.Offset}."));
            }
        }
    }

    // Loading ones have not said yet what they have, and what is empty need not be kept.
    private IEnumerable<RecoveryCandidate> Usable() => _offers.Values.Where(offer => offer is { IsUsable: true, EntryCount: > 0 });

    private (HistoryModel Line, long Offset) PlaceOf(RecoveryCandidate offer) => (model[offer.History.Id], offer.Offset);

    // What the master has come to, under the id before the one that it has just taken, if it has.
    private (HistoryModel Line, long Offset)? Own()
    {
        DataSet data = process.Core.Data;
        ReplicationId id = data.History.Id;
        if (process.Core.Recovery is null && data.HasHistory)
        {
            id = data.History.Ancestors.Length > 0 ? data.History.Ancestors[0].Id : ReplicationId.None;
        }

        return id.IsNone ? null : (model[id], data.Offset);
    }

    private static bool IsKept(HistoryModel line, long offset, (HistoryModel Line, long Offset) other)
    {
        HistoryModel place = line.PlaceOf(other.Line, other.Offset);
        return line.Contains(place, other.Offset) ? other.Offset <= offset : SyncModel.EndedByPromotion(line, place);
    }
}
