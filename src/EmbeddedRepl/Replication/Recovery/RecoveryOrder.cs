using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Recovery;

/// <summary>How two data sets lie to each other on the lines of their ancestors.</summary>
internal enum LineRelation
{
    /// <summary>They are the same.</summary>
    Same,

    /// <summary>The first has what the second has, and more; or it was promoted past it.</summary>
    FirstIsAhead,

    /// <summary>The second has what the first has, and more; or it was promoted past it.</summary>
    SecondIsAhead,

    /// <summary>Each has something that the other lacks, and nothing says which is to be given up.</summary>
    Unrelated,
}

/// <summary>What is to be gone on from.</summary>
/// <param name="Best">The most advanced candidate; null if there is none, or if they are on different lines.</param>
/// <param name="Conflict">Two that are on different lines; null if all are on one.</param>
internal readonly record struct RecoveryChoice(RecoveryCandidate? Best, (RecoveryCandidate First, RecoveryCandidate Second)? Conflict);

/// <summary>Which candidate is the most advanced: pure functions. See DESIGN.md beside this file, "Order of candidates".</summary>
internal static class RecoveryOrder
{
    public static LineRelation Compare(RecoveryCandidate first, RecoveryCandidate second)
    {
        ReplicationHistory a = first.History.WithoutUnusedIds(first.Offset);
        ReplicationHistory b = second.History.WithoutUnusedIds(second.Offset);
        if (a.Id == b.Id)
        {
            if (first.Offset != second.Offset)
            {
                return first.Offset > second.Offset ? LineRelation.FirstIsAhead : LineRelation.SecondIsAhead;
            }

            // One of the two is damaged, and a digest does not say which.
            return first.Digest == second.Digest && first.EntryCount == second.EntryCount ? LineRelation.Same : LineRelation.Unrelated;
        }

        if (IsPast(a, b.Id, second.Offset))
        {
            return LineRelation.FirstIsAhead;
        }

        return IsPast(b, a.Id, first.Offset) ? LineRelation.SecondIsAhead : LineRelation.Unrelated;
    }

    /// <summary>Finds the one that is ahead of all others.</summary>
    /// <param name="candidates">Usable ones; of several that are the same the first is taken.</param>
    public static RecoveryChoice Choose(IReadOnlyList<RecoveryCandidate> candidates)
    {
        // Each search ends at the first answer: there may be thousands of candidates, and the gate is held meanwhile.
        foreach (RecoveryCandidate candidate in candidates)
        {
            if (candidates.All(other => IsNoWorse(candidate, other)))
            {
                return new RecoveryChoice(candidate, null);
            }
        }

        foreach (RecoveryCandidate candidate in candidates)
        {
            if (candidates.FirstOrDefault(other => AreRivals(candidate, other)) is { } rival)
            {
                return new RecoveryChoice(null, (candidate, rival));
            }
        }

        return new RecoveryChoice(null, null);
    }

    /// <summary>
    /// Finds what an operator has to choose between: the most advanced candidate on the line of each of two that are on different lines. Someone who is past both stands for neither.
    /// </summary>
    /// <param name="conflict">Two on different lines.</param>
    /// <param name="candidates">Usable ones, the two among them.</param>
    public static (RecoveryCandidate First, RecoveryCandidate Second) Furthest(
        (RecoveryCandidate First, RecoveryCandidate Second) conflict, IReadOnlyList<RecoveryCandidate> candidates)
    {
        RecoveryCandidate first = FurthestFrom(conflict.First, candidates);
        RecoveryCandidate second = FurthestFrom(conflict.Second, candidates);
        return Compare(first, second) == LineRelation.Unrelated ? (first, second) : conflict;
    }

    /// <summary>
    /// Leaves out what orders have given up, unless there is no other data: an order is not undone while there is anything else to fulfil it with. But a master that has nothing itself does not take an
    /// earlier state of the same data from somebody else: what was given up counts where it has all that the others offer.
    /// </summary>
    /// <param name="candidates">Usable ones.</param>
    /// <param name="isOtherData">Whether the master has data that was not given up, be it a candidate or not.</param>
    public static List<RecoveryCandidate> WithoutGivenUp(List<RecoveryCandidate> candidates, bool isOtherData)
    {
        List<RecoveryCandidate> others = candidates.FindAll(candidate => !candidate.IsGivenUp);
        if (isOtherData || !candidates.Exists(candidate => candidate is { IsGivenUp: true, HoldsData: true }))
        {
            return others;
        }

        if (!others.Exists(candidate => candidate.HoldsData))
        {
            // Where they count, those without entries do, too: they may have seen that the entries of the others were removed.
            return candidates;
        }

        List<RecoveryCandidate> withMore = [.. others, .. candidates.Where(candidate => candidate is { IsGivenUp: true, HoldsData: true } && others.TrueForAll(other => Contains(candidate, other)))];

        // Several that go on from the same place on different lines are a matter of the orders that gave them up, and decide nothing here.
        return Choose(withMore).Best is null ? others : withMore;
    }

    /// <summary>Whether one has everything that another has, record by record: it is on the same line, at the same place or further.</summary>
    public static bool Contains(RecoveryCandidate candidate, RecoveryCandidate other)
    {
        ReplicationHistory history = candidate.History.WithoutUnusedIds(candidate.Offset);
        ReplicationId id = other.History.WithoutUnusedIds(other.Offset).Id;
        return history.Id == id
            ? Compare(candidate, other) is LineRelation.Same or LineRelation.FirstIsAhead
            : history.TryFindAncestor(id, out Ancestor ancestor) && other.Offset <= ancestor.EndOffset;
    }

    private static RecoveryCandidate FurthestFrom(RecoveryCandidate candidate, IReadOnlyList<RecoveryCandidate> candidates) =>
        candidates.Aggregate(candidate, static (furthest, other) => Compare(furthest, other) == LineRelation.SecondIsAhead ? other : furthest);

    private static bool IsNoWorse(RecoveryCandidate candidate, RecoveryCandidate other) => ReferenceEquals(candidate, other) || Compare(candidate, other) switch
    {
        LineRelation.Same or LineRelation.FirstIsAhead => true,
        LineRelation.Unrelated => other.EntryCount == 0,
        _ => false,
    };

    private static bool AreRivals(RecoveryCandidate candidate, RecoveryCandidate other) =>
        !ReferenceEquals(candidate, other) && other.EntryCount > 0 && Compare(candidate, other) == LineRelation.Unrelated;

    /// <summary>Whether a history goes on from (<paramref name="id"/>, <paramref name="offset"/>), or left that id by a promotion before it.</summary>
    private static bool IsPast(ReplicationHistory history, ReplicationId id, long offset) =>
        history.TryFindAncestor(id, out Ancestor ancestor) && (offset <= ancestor.EndOffset || ancestor.EndedBy == AncestorEnd.Promotion);
}
