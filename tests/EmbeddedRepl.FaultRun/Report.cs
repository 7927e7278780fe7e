using System.Globalization;
using EmbeddedRepl.FaultRun.History;

namespace EmbeddedRepl.FaultRun;

/// <summary>Prints what the logs of a run say.</summary>
internal static class Report
{
    private const int ShownViolations = 20;

    public static void Print(TextWriter output, RunHistory history, CheckResult result)
    {
        output.WriteLine();
        output.WriteLine("operations:");
        output.WriteLine(Line($"{history.Reads.Count,9} read"));
        foreach (var group in history.Operations.Values.GroupBy(operation => (Kind: NameOf(operation.Kind), Outcome: NameOf(operation.Outcome))).OrderBy(group => group.Key))
        {
            output.WriteLine(Line($"{group.Count(),9} {group.Key.Kind}: {group.Key.Outcome}"));
        }

        output.WriteLine(Line($"{history.Tokens.Count,9} tokens of other nodes reached"));
        output.WriteLine(Line($"{history.Operations.Values.Count(operation => operation.Acknowledged > 0),9} writes acknowledged by replicas"));
        output.WriteLine(Line($"{history.Lineage.Births.Count(),9} replication ids"));
        output.WriteLine();
        foreach (Violation violation in result.Violations.Take(ShownViolations))
        {
            output.WriteLine($"VIOLATION {violation}");
        }

        if (result.Violations.Count > ShownViolations)
        {
            output.WriteLine(Line($"… and {result.Violations.Count - ShownViolations} more"));
        }

        LossReport losses = result.Losses;
        output.WriteLine(Line($"confirmed sets: {losses.Kept} kept; given up as the rules allow: {losses.Extra} on a line that was left (D3), {losses.Unreplicated} acknowledged by nobody, {losses.Unreachable} acknowledged by nodes that were lost"));
        foreach ((string fork, int count) in losses.Forks)
        {
            output.WriteLine(Line($"{count,9} when {fork}, began without them"));
        }

        output.WriteLine(Line($"lost = {losses.Lost}"));
    }

    private static string NameOf(char kind) => kind switch
    {
        'S' => "set",
        'C' => "compare and set",
        'R' => "remove",
        'D' => "compare and remove",
        _ => "clear",
    };

    private static string NameOf(string? outcome) => outcome switch
    {
        "ok" => "done",
        "not" => "refused, nothing written",
        "conflict" => "conflict",
        "applied" => "applied, not here",
        "unknown" => "outcome unknown",
        _ => "process killed meanwhile",
    };

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
