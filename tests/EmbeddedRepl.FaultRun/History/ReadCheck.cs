namespace EmbeddedRepl.FaultRun.History;

/// <summary>
/// P1, P2, P3 and P6 of every read: what it found is what its node's history says between the two places where the node stood before and after. So it is neither older than what the node
/// had, nor newer, nor anything that was removed there, nor nothing where there is something.
/// </summary>
internal static class ReadCheck
{
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(100);

    public static void Run(RunHistory history, Timelines timelines, List<Violation> violations)
    {
        foreach (ReadEvent read in history.Reads)
        {
            CheckExpiration(read, history, violations);

            // Data that was replaced in between may have been read before or after.
            if (read.Before.Epoch == read.After.Epoch)
            {
                Check(read, history.Lineage, timelines, violations);
            }
        }
    }

    private static void CheckExpiration(ReadEvent read, RunHistory history, List<Violation> violations)
    {
        // The master counts from some moment of the call. Its clock and that of the reader are those of one machine.
        if (read.Value is { } value && history.Operations.GetValueOrDefault(value) is { ExpiresAfter: > 0, IsConfirmed: true } set
            && read.Began > set.Ended + (set.ExpiresAfter * 1_000) + (long)Slack.TotalMicroseconds)
        {
            violations.Add(new Violation("P6", $"{read}: it has expired, {set}, {set.ExpiresAfter} ms after {set.Ended}"));
        }
    }

    private static void Check(ReadEvent read, Lineage lineage, Timelines timelines, List<Violation> violations)
    {
        string id = read.After.Place.Id;
        long from = read.Before.Place.Offset;
        long to = read.After.Place.Offset;
        if (read.Version is { } version)
        {
            if (version > to)
            {
                violations.Add(new Violation("P1", $"{read}: the node is not that far"));
            }
            else if (timelines[read.Key].Last(lineage, id, version, from) is { } newer)
            {
                violations.Add(new Violation(newer.IsSet ? "P2/P3" : "P6", $"{read}: the node has {newer}"));
            }
        }
        else if (timelines[read.Key].Last(lineage, id, -1, from) is { IsSet: true, ExpiresAfter: 0 } set
            && timelines[read.Key].Last(lineage, id, from, to) is null
            && !timelines.MayBeRemoved(set, read.Ended))
        {
            violations.Add(new Violation("P1", $"{read}: the node has {set}, and nobody removed it"));
        }
    }
}
