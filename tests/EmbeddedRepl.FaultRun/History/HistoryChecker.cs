namespace EmbeddedRepl.FaultRun.History;

/// <summary>Holds what the logs of a run say against what must hold, property by property; each check stands in a class of its own.</summary>
internal static class HistoryChecker
{
    public static CheckResult Check(RunHistory history)
    {
        var violations = new List<Violation>();
        PlaceFinder.Run(history, violations);
        var timelines = new Timelines(history);
        LineCheck.Run(history, violations);
        ReadCheck.Run(history, timelines, violations);
        TokenCheck.Run(history, violations);
        ComparisonCheck.Run(history, timelines, violations);
        DigestCheck.Run(history, violations);
        LossReport losses = LossCheck.Run(history, violations);
        return new CheckResult(violations, losses);
    }
}

/// <summary>What was found.</summary>
internal sealed record CheckResult(IReadOnlyList<Violation> Violations, LossReport Losses);
