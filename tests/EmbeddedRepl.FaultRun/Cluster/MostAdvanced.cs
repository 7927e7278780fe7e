using EmbeddedRepl.FaultRun.History;

namespace EmbeddedRepl.FaultRun.Cluster;

/// <summary>Whom people go on with.</summary>
internal static class MostAdvanced
{
    /// <summary>Who is ahead of all others on their line, and of several such the one that has most; of equals the first.</summary>
    /// <param name="answers">Where those stand that answered; not empty.</param>
    /// <param name="lineage">What they said of their lines.</param>
    public static Answer Of(IReadOnlyList<Answer> answers, Lineage lineage) => answers
        .Where(answer => !answers.Any(other => other.Place != answer.Place && other.Place.Offset > answer.Place.Offset && lineage.Contains(other.Place, answer.Place)))
        .MaxBy(answer => answer.Place.Offset)!;
}
