using System.Globalization;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Recovery;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// What a restarted master was offered, and by whom that is still there. Whatever it goes on from has to contain all of that, except what a promotion left behind, and what orders have given up if there
/// is other data; and it cannot decide only where that is impossible. Judges by what was really written and ordered, and not by the order of candidates that the node computes.
/// </summary>
/// <param name="model">What was written.</param>
/// <param name="process">The master.</param>
/// <param name="findChecker">Who watches a process, and so knows what was ordered; null if it has died.</param>
internal sealed class RecoveryModel(ReferenceModel model, SimulatedProcess process, Func<RunId, NodeChecker?> findChecker)
{
    /// <summary>An offer may be on its way for so long, in milliseconds, while an order is given or fulfilled.</summary>
    private const long LongestDelay = 10_000;

    private readonly Dictionary<(string Peer, RunId Holder), Offer> _offers = [];
    private readonly Dictionary<RunId, (Offer Offer, long At)> _lost = [];
    private readonly HashSet<string> _asked = [];
    private (Offer Offer, ReplicationId Id, long Offset)? _taking;
    private bool _ownIsGivenUp;
    private long _startedAt = -1;

    /// <summary>Whether an operator decided that what the master has is what counts.</summary>
    public bool IsOverridden { get; set; }

    /// <summary>Whether what is being taken may replace what the master has: that was given up, or is nothing and does not come after it.</summary>
    public bool IsFreeToReplace { get; private set; }

    private bool IsAnythingNotGivenUp => (process.Core.Data.HoldsData && !_ownIsGivenUp) || _offers.Values.Any(offer => offer.Candidate.HoldsData && !offer.IsGivenUp);

    // When half of the limit is over, a master goes on with what there is, if that is more than it has.
    private bool IsInTime => _startedAt < 0 || Elapsed < process.Core.Settings.EffectiveRecoveryLimit / 2;

    // Who was loading when he was heard of over one way, and has said more over another, is not waited for.
    private bool IsSomebodyAwaited => _asked.Count > 0
        || _offers.Values.GroupBy(offer => offer.Candidate.Holder).Any(holder => holder.All(offer => offer.Candidate.Source == RecoverySource.Loading));

    private long Elapsed => process.Now().Milliseconds - _startedAt;

    public void Started() => _startedAt = process.Now().Milliseconds;

    /// <summary>A replica was told that this master recovers, and is expected to say what it has.</summary>
    public void Asked(string peer) => _asked.Add(peer);

    public void Offered(string peer, RecoveryCandidate candidate)
    {
        _asked.Remove(peer);
        bool isGivenUp = candidate.IsGivenUp;
        if (findChecker(candidate.Holder) is { } holder && candidate.HoldsData)
        {
            isGivenUp = holder.GivesUpData;
            if (isGivenUp != candidate.IsGivenUp && holder.Milliseconds - holder.OrderChangedAt > LongestDelay)
            {
                throw new SimulationFailedException(
                    $"{process.Name} is offered {candidate.History.Id}:{candidate.Offset} as {candidate.Source}, and its holder {(isGivenUp ? "is" : "is not")} under an order.");
            }
        }

        // The master goes by what it heard last of a holder, over whichever way. What he has he keeps, so that only what he had not said is over.
        foreach ((string Peer, RunId Holder) other in _offers.Where(known => known.Key.Holder == candidate.Holder && known.Value.Candidate.Source == RecoverySource.Loading).Select(known => known.Key).ToArray())
        {
            _offers.Remove(other);
        }

        var offer = new Offer(candidate, isGivenUp);
        _offers[(peer, candidate.Holder)] = offer;
        if (candidate.Source != RecoverySource.Loading)
        {
            _lost.Remove(candidate.Holder);
        }
    }

    /// <summary>The master begins to take what it was offered.</summary>
    public void Taking(string peer, RecoveryCandidate candidate)
    {
        Offer offer = _offers.GetValueOrDefault((peer, candidate.Holder)) ?? new Offer(candidate, candidate.IsGivenUp);
        DataSet data = process.Core.Data;
        _taking = (offer, data.History.Id, data.Offset);
        IsFreeToReplace = _ownIsGivenUp || (!data.HoldsData && (Own() is not { } own || !IsKept(own.Line, own.Offset, PlaceOf(offer))));
    }

    /// <summary>The taking has ended, one way or the other.</summary>
    public void Took()
    {
        DataSet data = process.Core.Data;
        if (_taking is { } taking && (data.History.Id != taking.Id || data.Offset != taking.Offset))
        {
            _ownIsGivenUp = taking.Offer.IsGivenUp;
        }

        _taking = null;
        IsFreeToReplace = false;
    }

    /// <summary>A replica has gone, with everything that came through it.</summary>
    public void Left(string peer, CloseReason reason)
    {
        if (reason == CloseReason.RecoveryEnded)
        {
            return;
        }

        _asked.Remove(peer);
        foreach (((string Peer, RunId Holder) key, Offer offer) in _offers.Where(offer => offer.Key.Peer == peer).ToArray())
        {
            _offers.Remove(key);
            bool isThereByAnotherWay = _offers.Keys.Any(other => other.Holder == key.Holder);
            if (offer.Candidate.HoldsData && reason != CloseReason.DigestMismatch && !isThereByAnotherWay)
            {
                _lost[key.Holder] = (offer, process.Now().Milliseconds);
            }
        }
    }

    /// <summary>The master says that those who offered are on different lines.</summary>
    public void Undecided()
    {
        (HistoryModel Line, long Offset)[] places = [.. Considered().Select(PlaceOf), .. Own() is { } own ? [own] : (ReadOnlySpan<(HistoryModel, long)>)[]];
        if (places.Any(best => places.All(other => IsKept(best.Line, best.Offset, other))))
        {
            throw new SimulationFailedException($"{process.Name} recovers and cannot decide, although what one has contains what all others have.");
        }
    }

    /// <summary>The master goes on from what it has now.</summary>
    public void Ended()
    {
        if (IsOverridden)
        {
            return;
        }

        (HistoryModel Line, long Offset) own = Own() ?? (HistoryModel.Nothing, 0);
        if (!process.Core.Data.HoldsData && _startedAt >= 0 && Elapsed < process.Core.Settings.EffectiveRecoveryLimit
            && _lost.Values.Select(lost => lost.Offer).FirstOrDefault(lost => !IsKept(own.Line, own.Offset, PlaceOf(lost))) is { } missing)
        {
            throw new SimulationFailedException(
                $"{process.Name} goes on from nothing after {Elapsed} ms, and does not wait for who offered {missing.Candidate.History.Id}:{missing.Candidate.Offset}.");
        }

        if (process.Core.Data.HoldsData && _startedAt >= 0 && IsInTime && FindJustLost(own) is { } more)
        {
            throw new SimulationFailedException(
                $"{process.Name} goes on from less after {Elapsed} ms, and gives who offered {more.Candidate.History.Id}:{more.Candidate.Offset} no time to come back.");
        }

        if (IsSomebodyAwaited && _startedAt >= 0 && Elapsed < process.Core.Settings.EffectiveRecoveryLimit && Considered().All(offer => IsKept(own.Line, own.Offset, PlaceOf(offer))))
        {
            throw new SimulationFailedException($"{process.Name} goes on from what it has after {Elapsed} ms, though somebody is there who has not said what he has, and nobody else has anything to be taken meanwhile.");
        }

        if (!IsInTime)
        {
            return;
        }

        if (_asked.Count > 0)
        {
            throw new SimulationFailedException($"{process.Name} ends its recovery before {_asked.First()} has said what it has.");
        }

        foreach (Offer offer in Considered())
        {
            if (!IsKept(own.Line, own.Offset, PlaceOf(offer)))
            {
                throw new SimulationFailedException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{process.Name} goes on from {own.Line.Id}:{own.Offset} after its recovery, without what it was offered: {offer.Candidate.History.Id}:{offer.Candidate.Offset}."));
            }
        }
    }

    // Whoever had more of the same data, and was lost so lately that it may only have been the connection. What orders gave up counts as elsewhere.
    private Offer? FindJustLost((HistoryModel Line, long Offset) own) => _lost.Values
        .Where(lost => process.Now().Milliseconds - lost.At < process.Core.Settings.RecoveryWindow)
        .Select(lost => lost.Offer)
        .FirstOrDefault(lost => (!lost.IsGivenUp || !IsAnythingNotGivenUp) && PlaceOf(lost) is var place && !IsKept(own.Line, own.Offset, place) && IsKept(place.Line, place.Offset, own));

    // Loading ones have not said yet what they have, and what is empty need not be kept. What orders gave up counts where there is nothing else.
    private IEnumerable<Offer> Considered()
    {
        Offer[] usable = [.. _offers.Values.Where(offer => offer.Candidate.HoldsData)];
        return IsAnythingNotGivenUp ? usable.Where(offer => !offer.IsGivenUp) : usable;
    }

    private (HistoryModel Line, long Offset) PlaceOf(Offer offer) => (model[offer.Candidate.History.Id], offer.Candidate.Offset);

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

    /// <param name="Candidate">What was said.</param>
    /// <param name="IsGivenUp">Whether its holder was under an order when it came.</param>
    private sealed record Offer(RecoveryCandidate Candidate, bool IsGivenUp);
}
