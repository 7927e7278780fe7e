using System.Globalization;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// Explains each sync from what really happened: which history continued which, where, and why. No full sync may be decided where the rules want a
/// partial one, none may begin that was not decided, and no replica may accept or refuse one otherwise than the rules say.
/// </summary>
internal sealed class SyncModel(ReferenceModel model)
{
    private readonly Dictionary<int, SyncOffer> _offers = [];

    /// <summary>Full syncs that began, each of them with a reason.</summary>
    public long Explained { get; private set; }

    /// <summary>A node has answered a replica that asked to sync.</summary>
    /// <param name="asked">The node that was asked.</param>
    /// <param name="checker">What is known of it.</param>
    /// <param name="peer">The asker's connection.</param>
    /// <param name="verdict">The answer.</param>
    /// <param name="id">The asker's history.</param>
    /// <param name="offset">The asker's offset.</param>
    public void Decided(SimulatedProcess asked, NodeChecker checker, string peer, SyncVerdict verdict, ReplicationId id, long offset)
    {
        DataSet data = asked.Core.Data;
        if (!data.HasHistory)
        {
            // A node that only collects offers for a master that recovers.
            return;
        }

        HistoryModel line = model[data.History.Id];
        HistoryModel? position = id.IsNone ? null : line.PlaceOf(model[id], offset);
        (SyncAnswer answer, SyncReason reason) = Expect(asked, checker, line, position, offset);
        bool isLuckier = answer == SyncAnswer.Full && reason == SyncReason.OlderThanBacklog && verdict.Answer == SyncAnswer.Continue;
        if ((verdict.Answer != answer || verdict.Reason != reason) && !isLuckier)
        {
            throw new SimulationFailedException(Line(
                $"{asked.Name} at {Name(line)}:{data.Offset} answers {peer}, which has {Name(position)}:{offset}, with {verdict.Answer}, {verdict.Reason}; the rules say {answer}, {reason}."));
        }

        if (verdict.Answer == SyncAnswer.Full)
        {
            _offers[Number(peer)] = new SyncOffer(line, data.Offset, asked.Core.OverridesRefusals, checker.Abandoned.Contains(position, offset), verdict.Reason);
        }
    }

    /// <summary>A node begins to send a full sync.</summary>
    public void Started(SimulatedProcess sender, string peer)
    {
        if (!_offers.Remove(Number(peer), out SyncOffer? offer))
        {
            throw new SimulationFailedException($"{sender.Name} begins a full sync of {peer} for which there is no reason.");
        }

        Explained++;
        sender.Situations.Count($"full sync explained: {offer.Reason}");
    }

    /// <summary>A replica has accepted or refused the full sync that it was offered.</summary>
    /// <param name="process">The replica.</param>
    /// <param name="isOrdered">Whether somebody ordered it to follow this master.</param>
    /// <param name="isAccepted">What it said.</param>
    /// <param name="reason">Why.</param>
    public void Answered(SimulatedProcess process, bool isOrdered, bool isAccepted, ConfirmationReason reason)
    {
        if (process.Link?.Driver is not { } driver || !_offers.TryGetValue(driver.Connection.Number, out SyncOffer? offer))
        {
            throw new SimulationFailedException($"{process.Name} was offered a full sync that nobody decided.");
        }

        DataSet data = process.Core.Data;
        bool must = !data.HoldsData || isOrdered || offer.IsOverridden;
        bool may = must || offer.IsGivenUp;
        if (!must && data.HasHistory)
        {
            HistoryModel own = offer.Line.PlaceOf(model[data.History.Id], data.Offset);
            bool isNewer = offer.Line.Contains(own, data.Offset) && offer.Offset >= data.Offset;
            must = (isNewer || EndedByPromotion(offer.Line, own)) && Generations(offer.Line, own) <= ReplicationHistory.MaxAncestors;
            may |= must || isNewer || (offer.Line.Origin == own.Origin && Generations(offer.Line, offer.Line.Origin) >= ReplicationHistory.MaxAncestors);
        }

        if (isAccepted ? !may : must)
        {
            throw new SimulationFailedException(Line(
                $"{process.Name} at {Name(data.HasHistory ? model[data.History.Id] : null)}:{data.Offset} {(isAccepted ? "accepts" : "refuses")} {Name(offer.Line)}:{offer.Offset} for {reason}, against the rules."));
        }
    }

    private static (SyncAnswer Answer, SyncReason Reason) Expect(SimulatedProcess asked, NodeChecker checker, HistoryModel line, HistoryModel? position, long offset)
    {
        if (position is null)
        {
            return (SyncAnswer.Full, SyncReason.AskerHasNoHistory);
        }

        int generations = Generations(line, position);
        if (generations > ReplicationHistory.MaxAncestors)
        {
            return (SyncAnswer.Full, SyncReason.UnknownId);
        }

        if (!line.Contains(position, offset))
        {
            return (SyncAnswer.Full, SyncReason.BeyondAncestorEnd);
        }

        if (offset > asked.Core.Data.Offset)
        {
            // Only who wrote a history can be a master on it, and it has all of it.
            return asked.Core.Role == ReplicationRole.Replica
                ? (SyncAnswer.NotNow, SyncReason.BeyondEnd)
                : throw new SimulationFailedException($"{asked.Name} is a master and does not have all of its own history.");
        }

        return offset >= checker.BacklogReaches ? (SyncAnswer.Continue, SyncReason.InBacklog) : (SyncAnswer.Full, SyncReason.OlderThanBacklog);
    }

    /// <summary>How often the line took another id since a history; more than any limit if it does not come from it.</summary>
    private static int Generations(HistoryModel line, HistoryModel ancestor)
    {
        int generations = 0;
        for (HistoryModel? history = line; history is not null; history = history.Parent)
        {
            if (history == ancestor)
            {
                return generations;
            }

            generations++;
        }

        return int.MaxValue;
    }

    /// <summary>Whether a promotion is what ended a history on this line. Of several that cut it at the same place it is the oldest.</summary>
    public static bool EndedByPromotion(HistoryModel line, HistoryModel ended)
    {
        long end = long.MaxValue;
        bool isPromotion = false;
        for (HistoryModel? history = line; history is not null; history = history.Parent)
        {
            if (history == ended)
            {
                return isPromotion;
            }

            if (history.Start <= end)
            {
                end = history.Start;
                isPromotion = history.BeganBy == AncestorEnd.Promotion;
            }
        }

        return false;
    }

    // A session's peer is called "name#number of its connection".
    private static int Number(string peer) => int.Parse(peer.AsSpan(peer.IndexOf('#', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);

    private static string Name(HistoryModel? history) => history?.Id.ToString()[..6] ?? "none";

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    /// <param name="Line">The history that was offered.</param>
    /// <param name="Offset">How far the offering node had it.</param>
    /// <param name="IsOverridden">Whether the offering node carried an operator's override.</param>
    /// <param name="IsGivenUp">Whether the offering node had given up itself what the asker has.</param>
    /// <param name="Reason">Why it could not be a partial resync.</param>
    private sealed record SyncOffer(HistoryModel Line, long Offset, bool IsOverridden, bool IsGivenUp, SyncReason Reason);
}
