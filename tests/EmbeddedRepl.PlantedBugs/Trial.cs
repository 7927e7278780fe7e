using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EmbeddedRepl.PlantedBugs;

/// <summary>How one bug fared in the program that is to catch it.</summary>
/// <param name="IsCaught">Whether something failed.</param>
/// <param name="HasEnded">
/// Whether the program came to its end, or failed, in the time that it had. A bug may make it run for ever; that does not count as caught, because a slow machine would do the same.
/// </param>
/// <param name="By">What failed first, for instance <c>seed 17</c>; null if nothing did.</param>
/// <param name="Message">What it said; null if it said nothing.</param>
/// <param name="Seconds">How long it took to that point.</param>
internal sealed record Trial(bool IsCaught, bool HasEnded, string? By, string? Message, double Seconds)
{
    /// <summary>
    /// What is not run against a bug: tests of the library's surroundings, tests that need other programs, and those that run the simulation, which has a trial of its own.
    /// </summary>
    private static readonly string[] LeftOut =
    [
        ".Architecture.", ".FaultRun.", ".PlantedBugs.", ".Simulation.", ".TestKit.", ".IndependentMessagePackTests.", ".ReadmeTests.", ".ProtocolDocumentTests.",
    ];

    /// <summary>Runs the simulation with one bug until the first seed fails, or all have passed.</summary>
    /// <param name="tree">The copy with the bugs.</param>
    /// <param name="number">Which bug; 0 for none.</param>
    /// <param name="seeds">How many seeds are tried.</param>
    public static Trial OfSimulation(PlantedTree tree, int number, int seeds) => Run(
        number,
        TimeSpan.FromSeconds(60 + (seeds / 2)),
        [tree.Simulation, "--seeds", $"{seeds}"],
        line => Patterns.FailedSeed().Match(line) is { Success: true } match ? ($"seed {match.Groups[1].Value}", match.Groups[2].Value) : null);

    /// <summary>Runs the unit tests with one bug until the first one fails, or all have passed.</summary>
    /// <param name="tree">The copy with the bugs.</param>
    /// <param name="number">Which bug; 0 for none.</param>
    /// <param name="limit">How long it may take.</param>
    public static Trial OfUnitTests(PlantedTree tree, int number, TimeSpan limit) => Run(
        number,
        limit,
        ["test", tree.UnitTests, "--filter", string.Join('&', LeftOut.Select(part => $"FullyQualifiedName!~{part}"))],
        line => Patterns.FailedTest().Match(line) is { Success: true } match ? (match.Groups[1].Value, null) : null);

    private static Trial Run(int number, TimeSpan limit, string[] arguments, Func<string, (string By, string? Message)?> find)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[PlantedSource.Variable] = $"{number}";
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        (string By, string? Message)? found = null;
        double seconds = 0;
        string last = "";
        process.OutputDataReceived += (_, line) =>
        {
            last = string.IsNullOrWhiteSpace(line.Data) ? last : line.Data;
            if (line.Data is { } text && found is null && find(text) is { } failure)
            {
                seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
                found = failure;
                Kill(process);
            }
        };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(limit))
        {
            Kill(process);
            return new Trial(false, false, null, null, limit.TotalSeconds);
        }

        process.WaitForExit();
        if (found is { } what)
        {
            return new Trial(true, true, what.By, what.Message, seconds);
        }

        seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return process.ExitCode == 0
            ? new Trial(false, true, null, null, seconds)
            : new Trial(true, true, "the end of the process", $"exit code {process.ExitCode}, {last}", seconds);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}

/// <summary>How failures look in the output of the two programs.</summary>
internal static partial class Patterns
{
    [GeneratedRegex(@"^seed (\d+) failed: (.*)")]
    public static partial Regex FailedSeed();

    // As the runner says it at once, or as the summary does.
    [GeneratedRegex(@"^(?:\[xUnit\.net [\d:.]+\]\s+|\s*Failed )(?:EmbeddedRepl\.Tests\.)?(?:\w+\.)*(\w+\.\w+).*(?:\[FAIL\]|\[[\d<].*\])\s*$")]
    public static partial Regex FailedTest();
}
