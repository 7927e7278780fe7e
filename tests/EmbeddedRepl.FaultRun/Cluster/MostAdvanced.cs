using EmbeddedRepl.FaultRun.History;

namespace EmbeddedRepl.FaultRun.Cluster;

/// <summary>Whom people go on with.</summary>
internal static class MostAdvanced
{
    /// <summary>
    /// Who may take the master's place. While that answers, only those on its line: whoever still refuses to be replaced by what the master has would give up what was written since. If it does not, those whose line is the one
    /// on which it was last seen come first, since that is where writes were confirmed last; others only if there are none.
    /// </summary>
    /// <param name="others">Where those stand that answered, the master not among them.</param>
    /// <param name="master">Where the master stands; null if it did not answer.</param>
    /// <param name="lastSeen">Where it stood when it last answered; null if it never did.</param>
    /// <param name="lineage">What they said of their lines.</param>
    public static Answer[] Eligible(IReadOnlyList<Answer> others, Place? master, Place? lastSeen, Lineage lineage)
    {
        if (master is { } place)
        {
            return [.. others.Where(other => lineage.IsOnLine(place.Id, other.Place))];
        }

        Answer[] onItsLine = [.. others.Where(other => lastSeen is { } seen && (lineage.IsOnLine(seen.Id, other.Place) || lineage.IsOnLine(other.Place.Id, seen)))];
        return onItsLine.Length > 0 ? onItsLine : [.. others];
    }

    /// <summary>Who is ahead of all others on their line, and of several such the one that has most; of equals the first.</summary>
    /// <param name="answers">Where those stand that answered; not empty.</param>
    /// <param name="lineage">What they said of their lines.</param>
    public static Answer Of(IReadOnlyList<Answer> answers, Lineage lineage) => answers
        .Where(answer => !answers.Any(other => other.Place != answer.Place && other.Place.Offset > answer.Place.Offset && lineage.Contains(other.Place, answer.Place)))
        .MaxBy(answer => answer.Place.Offset)!;
}
