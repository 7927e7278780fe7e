namespace EmbeddedRepl.FaultRun.History;

/// <summary>P1: a compare-and-set that succeeded found the version that it expected, so nothing lies between the two.</summary>
internal static class ComparisonCheck
{
    public static void Run(RunHistory history, Timelines timelines, List<Violation> violations)
    {
        foreach (Operation operation in history.Operations.Values)
        {
            if (operation is not { Kind: 'C' or 'D', Place: { } place } || operation.IsDenied)
            {
                continue;
            }

            Operation? before = timelines[operation.Key].Last(history.Lineage, place.Id, -1, place.Offset - 1);
            bool isExpected = operation.Expected == 0 ? before is not { IsSet: true } || timelines.MayBeRemoved(before, operation.Ended)
                : before is null || (before.IsSet && before.Place!.Value.Offset <= operation.Expected);
            if (!isExpected)
            {
                violations.Add(new Violation("P1", $"{operation} expected {operation.Expected} and came after {before}"));
            }
        }
    }
}
