namespace EmbeddedRepl.FaultRun.History;

/// <summary>
/// P1: whoever stands at the same place holds the same. P5: at the end all stand at the same place, and every key was read on every node with the same result.
/// </summary>
internal static class DigestCheck
{
    public static void Run(RunHistory history, List<Violation> violations)
    {
        var digests = new Dictionary<Place, PlaceEvent>();
        foreach (PlaceEvent place in history.Logs.SelectMany(log => log.Places).Where(place => place.Sight.Place.Id != "-"))
        {
            PlaceEvent first = digests.TryGetValue(history.Lineage.Normalize(place.Sight.Place), out PlaceEvent? known) ? known : place;
            digests[history.Lineage.Normalize(place.Sight.Place)] = first;
            if (place.Digest != first.Digest || place.Entries != first.Entries)
            {
                violations.Add(new Violation(
                    "P1",
                    $"at {place.Sight.Place} node {first.Log.Node} has {first.Entries} entries, {first.Digest}, and node {place.Log.Node} has {place.Entries}, {place.Digest}"));
            }
        }

        CheckEnd(history, violations);
    }

    private static void CheckEnd(RunHistory history, List<Violation> violations)
    {
        NodeLog[] last = [.. history.Logs.GroupBy(log => log.Node).Select(lives => lives.MaxBy(log => log.Life)!)];
        if (last.Length == 0 || last.Any(log => log.Places.Count == 0))
        {
            return;
        }

        PlaceEvent first = last[0].Places[^1];
        foreach (NodeLog log in last.Where(log => log.Places[^1].Sight.Place != first.Sight.Place || log.Places[^1].Digest != first.Digest))
        {
            violations.Add(new Violation("P5", $"node {first.Log.Node} ended at {first.Sight.Place}, {first.Digest}, and node {log.Node} at {log.Places[^1].Sight.Place}, {log.Places[^1].Digest}"));
        }

        var found = new Dictionary<string, ReadEvent>();
        foreach (ReadEvent read in history.Reads.Where(read => read.Client == FinalReader && last.Contains(read.Log)))
        {
            if (found.TryAdd(read.Key, read))
            {
                continue;
            }

            if ((found[read.Key].Version, found[read.Key].Value) != (read.Version, read.Value))
            {
                violations.Add(new Violation("P5", $"at the end: {found[read.Key]}, but {read}"));
            }
        }
    }

    /// <summary>The client that reads every key at the end of a run.</summary>
    public const int FinalReader = 250;
}
