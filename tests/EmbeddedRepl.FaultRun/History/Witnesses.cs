namespace EmbeddedRepl.FaultRun.History;

/// <summary>Who could be asked when an id began, and where they stood: at an operator's decision those that answered, at a restart the replicas that nothing was done to.</summary>
internal sealed class Witnesses(RunHistory history)
{
    /// <summary>What the beginning of an id was; null if nothing in the logs is a reason for one.</summary>
    public Beginning? BeginningOf(Birth birth, TimeSpan limit)
    {
        long earliest = birth.Time - (long)limit.TotalMicroseconds;
        Decision? decision = history.Decisions.LastOrDefault(decision => decision.Node == birth.Node && decision.Time <= birth.Time && decision.Time >= earliest);
        NodeStarted? start = history.Starts.LastOrDefault(start => start.Node == birth.Node && start.Time <= birth.Time && start.Time >= earliest && start.IsMaster);
        if (decision is not null && (start is null || decision.Time > start.Time))
        {
            return new Beginning(decision.Time, decision.Chosen, decision.Answers);
        }

        return start is null ? null : new Beginning(start.Time, null, [.. AtRestart(start, birth)]);
    }

    /// <summary>How many of the nodes that may have acknowledged a write cannot be counted on: all but its own master and those that answered, were never restarted since, and were not ordered to give up their data.</summary>
    public int LostSince(Operation write, Beginning beginning, int nodes)
    {
        int survivors = beginning.Witnesses.Count(witness => witness.Node != write.Node && !WasRestarted(witness.Node, write.Invoked, beginning.Time) && !WasReplaced(witness.Node, write.Invoked, beginning.Time));
        return nodes - 1 - survivors;
    }

    /// <summary>Whether the node was told to follow another one, and other data took the place of what it had.</summary>
    private bool WasReplaced(int node, long from, long to) =>
        history.Followed.Exists(followed => followed.Node == node && followed.Time >= from && followed.Time <= to)
        && history.Logs.Exists(log => log.Node == node && EpochsOf(log, from, to).Distinct().Count() > 1);

    private static IEnumerable<int> EpochsOf(NodeLog log, long from, long to) =>
        log.Places.Where(place => place.Time >= from && place.Time <= to).Select(place => place.Sight.Epoch);

    private bool WasRestarted(int node, long from, long to) =>
        history.Ends.Any(end => end.Node == node && end.Time >= from && end.Time <= to) || history.Starts.Any(start => start.Node == node && start.Time >= from && start.Time <= to);

    /// <summary>The direct replicas whose link to the restarted master was up when that ended, and to which nothing was done until the new id was there.</summary>
    private IEnumerable<Answer> AtRestart(NodeStarted start, Birth birth)
    {
        long ended = history.Ends.LastOrDefault(end => end.Node == start.Node && end.Time <= start.Time)?.Time ?? start.Time;
        foreach (NodeLog log in history.Logs.Where(log => log.Node != start.Node && log.Began < ended))
        {
            PlaceEvent? last = log.Places.LastOrDefault(place => place.Time <= ended);
            bool isUntouched = !history.Faults.Exists(fault => fault.Nodes.Any(node => node == log.Node || node == start.Node) && fault.From <= birth.Time && fault.To >= ended)
                && !WasRestarted(log.Node, ended, birth.Time)
                && !history.Ends.Exists(end => end.Node == log.Node && end.Time >= log.Began && end.Time <= ended);
            bool isDirect = history.Followed.LastOrDefault(followed => followed.Node == log.Node && followed.Time <= ended)?.Master == start.Node
                && !history.Followed.Exists(followed => followed.Node == log.Node && followed.Time > ended && followed.Time <= birth.Time);
            if (last is { Link: "Streaming" } && isDirect && isUntouched)
            {
                yield return new Answer(log.Node, last.Sight.Place);
            }
        }
    }
}

/// <summary>The beginning of an id.</summary>
/// <param name="Time">When it was decided, at the earliest.</param>
/// <param name="Chosen">What an operator chose to go on with; null at a restart.</param>
/// <param name="Witnesses">Who could be asked, and where they stood.</param>
internal sealed record Beginning(long Time, Place? Chosen, IReadOnlyList<Answer> Witnesses)
{
    /// <summary>Whether an operator had to choose between what was chosen and what this node has, because neither contains the other.</summary>
    public bool IsChoice(Answer holder, Lineage lineage) =>
        Chosen is { } chosen && !lineage.IsOnLine(holder.Place.Id, chosen) && !lineage.IsOnLine(chosen.Id, holder.Place);
}
