using System.Globalization;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Oracles;

/// <summary>Prints what was reached, and says what was not.</summary>
internal static class CoverageReport
{
    /// <summary>Reasons that no bytes from a peer can lead to, with why.</summary>
    private static readonly Dictionary<string, string> Unreachable = new()
    {
        ["This node requires capabilities that the peer lacks: "] = "this version requires none",
    };

    /// <param name="coverage">What was counted.</param>
    /// <param name="isComplete">Whether everything ought to have been reached.</param>
    /// <param name="output">Where it is printed.</param>
    /// <returns>How much was not reached, 0 if nobody expects it.</returns>
    public static int Print(Coverage coverage, bool isComplete, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"{"",-34} {"accepted",14} {"incomplete",14} {"refused",14}");
        foreach (string kind in coverage.Counts.Keys.Select(key => key.Kind).Distinct().Order(StringComparer.Ordinal))
        {
            output.Write($"{kind,-34}");
            foreach (string outcome in new[] { "accepted", "incomplete", "refused" })
            {
                output.Write(string.Create(CultureInfo.InvariantCulture, $" {coverage.Of(kind, outcome),14:N0}"));
            }

            string others = string.Join(", ", coverage.Counts.Where(pair => pair.Key.Kind == kind && pair.Key.Outcome is not ("accepted" or "incomplete" or "refused"))
                .OrderByDescending(pair => pair.Value).Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key.Outcome} {pair.Value:N0}")));
            output.WriteLine(others.Length > 0 ? "  " + others : "");
        }

        output.WriteLine();
        foreach ((string method, string text, long count) in coverage.Sites.All.OrderByDescending(site => site.Count))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,14:N0} refused by {method}: '{text.Trim()}'{(Unreachable.TryGetValue(text, out string? why) ? " (" + why + ")" : "")}"));
        }

        List<string> missing = [];
        missing.AddRange(FrameKinds.All.SelectMany(kind => new[] { (kind, "accepted"), (kind, "refused") })
            .Where(pair => pair.Item2 == "accepted" ? coverage.Of("frame " + pair.kind.Type, "accepted") == 0 : coverage.Of("frame " + pair.kind.Type, "refused") == 0)
            .Select(pair => $"a {pair.kind.Type} frame that is {pair.Item2}"));
        missing.AddRange(Enum.GetValues<FrameType>().Where(type => FrameKinds.All.All(kind => kind.Type != type)).Select(type => $"frame type {type}, which is not generated"));
        missing.AddRange(Enum.GetValues<RecordKind>()
            .Where(kind => coverage.Of("record " + kind, "accepted") + coverage.Of("operation " + kind, "accepted") == 0).Select(kind => $"a record or operation of kind {kind}"));
        missing.AddRange(coverage.Sites.All.Where(site => site.Count == 0 && !Unreachable.ContainsKey(site.Text)).Select(site => $"the refusal of {site.Method}: '{site.Text}'"));
        missing.AddRange(Unreachable.Keys.Where(text => coverage.Sites.All.All(site => site.Text != text)).Select(text => $"the refusal '{text}', which is said to be unreachable, and is not there"));
        if (missing.Count > 0)
        {
            output.WriteLine();
            foreach (string thing in missing)
            {
                output.WriteLine((isComplete ? "NOT REACHED " : "not reached ") + thing);
            }
        }

        return isComplete ? missing.Count : 0;
    }
}
