namespace EmbeddedRepl.FaultRun.History;

/// <summary>
/// P4, and what is lost: each write that was confirmed is on the line that all ended on, or there is a reason that the rules know. A line ends where another id continues it from an earlier
/// place. Whoever could be asked at that moment must not have had more, and of the nodes that had acknowledged the write none may have been among them.
/// </summary>
internal static class LossCheck
{
    /// <summary>How long a node may take from its start to its decision; what happened meanwhile counts as known to it.</summary>
    private static readonly TimeSpan DecisionTime = TimeSpan.FromSeconds(90);

    public static LossReport Run(RunHistory history, List<Violation> violations)
    {
        var witnesses = new Witnesses(history);
        int kept = 0, extra = 0, unreplicated = 0, unreachable = 0, lost = 0;
        var forks = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (FinalPlace(history) is not { } end)
        {
            return new LossReport(0, 0, 0, 0, 0);
        }

        foreach (Operation write in history.Operations.Values.Where(operation => operation.IsSet && operation.IsConfirmed).OrderBy(operation => operation.Ended))
        {
            Place place = write.Place!.Value;
            if (history.Lineage.Contains(end, place))
            {
                kept++;
                continue;
            }

            if (history.Lineage.ForkBefore(end.Id, place) is not { } fork)
            {
                lost++;
                violations.Add(new Violation("lost", $"{write}: all ended at {end}, which is before it"));
                continue;
            }

            Beginning? beginning = witnesses.BeginningOf(fork, DecisionTime);
            string name = $"{fork.Id} on node {fork.Node} at {fork.Time}, {(beginning is null ? "nobody knows why" : beginning.Chosen is null ? "a restart" : "a decision")}";
            forks[name] = forks.GetValueOrDefault(name) + 1;
            if (beginning is null)
            {
                lost++;
                violations.Add(new Violation("lost", $"{write}: {fork.Id} began on node {fork.Node} without it, and neither was that node started nor did anybody decide"));
            }
            else if (write.Ended > beginning.Time)
            {
                extra++;
            }
            else if (beginning.Witnesses.FirstOrDefault(witness => history.Lineage.Contains(witness.Place, place)) is { } holder && !beginning.IsChoice(holder, history.Lineage))
            {
                lost++;
                violations.Add(new Violation("lost", $"{write}: {fork.Id} began on node {fork.Node} without it, and node {holder.Node} had it and was at {holder.Place}"));
            }
            else if (write.AcknowledgedAt < beginning.Time && write.Acknowledged > witnesses.LostSince(write, beginning, history.Nodes))
            {
                lost++;
                violations.Add(new Violation("P4", $"{write}: {write.Acknowledged} had acknowledged it, fewer were lost, and {fork.Id} began on node {fork.Node} without it"));
            }
            else if (write.Acknowledged > 0)
            {
                unreachable++;
            }
            else
            {
                unreplicated++;
            }
        }

        return new LossReport(kept, extra, unreplicated, unreachable, lost) { Forks = forks };
    }

    private static Place? FinalPlace(RunHistory history) =>
        history.Logs.GroupBy(log => log.Node).Select(lives => lives.MaxBy(log => log.Life)!).SelectMany(log => log.Places.TakeLast(1)).MaxBy(place => place.Time)?.Sight.Place;
}
