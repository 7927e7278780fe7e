using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EmbeddedRepl.PlantedBugs;

/// <summary>How one bug fared in one of the two programs that are to catch it.</summary>
/// <param name="IsCaught">Whether something failed.</param>
/// <param name="By">What failed first, for instance <c>seed 17</c>; null if nothing did.</param>
/// <param name="Message">What it said.</param>
/// <param name="Seconds">How long it took to that point.</param>
internal sealed record Trial(bool IsCaught, string? By, string? Message, double Seconds)
{
    /// <summary>A bug may make the program run for ever. That does not count as caught: a slow machine would do the same.</summary>
    private static readonly TimeSpan UnitTestPatience = TimeSpan.FromMinutes(10);

    /// <summary>Runs the simulation with one bug until the first seed fails, or all have passed.</summary>
    /// <param name="tree">The copy with the bugs.</param>
    /// <param name="number">Which bug; 0 for none.</param>
    /// <param name="seeds">How many seeds are tried.</param>
    public static Trial OfSimulation(PlantedTree tree, int number, int seeds) => Run(
        number,
        TimeSpan.FromSeconds(60 + (seeds / 2)),
        [tree.Simulation, "--seeds", $"{seeds}"],
        line => Patterns.FailedSeed().Match(line) is { Success: true } match ? ($"seed {match.Groups[1].Value}", match.Groups[2].Value) : null);

    /// <summary>Runs the unit tests, without those that run the simulation, with one bug until the first one fails, or all have passed.</summary>
    /// <inheritdoc cref="OfSimulation"/>
    public static Trial OfUnitTests(PlantedTree tree, int number) => Run(
        number,
        UnitTestPatience,
        [
            "test", tree.UnitTests, "--filter", "FullyQualifiedName!~.Simulation.&FullyQualifiedName!~.PlantedBugs.&FullyQualifiedName!~.Architecture.",
            "--", "xUnit.StopOnFail=true", "xUnit.MaxParallelThreads=2",
        ],
        line => Patterns.FailedTest().Match(line) is { Success: true } match ? (match.Groups[1].Value, "") : null);

    private static Trial Run(int number, TimeSpan patience, string[] arguments, Func<string, (string By, string Message)?> find)
    {
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[PlantedSource.Variable] = $"{number}";
        long began = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        (string By, string Message)? found = null;
        double seconds = 0;
        process.OutputDataReceived += (_, line) =>
        {
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
        if (!process.WaitForExit(patience))
        {
            Kill(process);
            return new Trial(false, null, null, patience.TotalSeconds);
        }

        process.WaitForExit();
        if (found is { } what)
        {
            return new Trial(true, what.By, what.Message, seconds);
        }

        seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return process.ExitCode == 0
            ? new Trial(false, null, null, seconds)
            : new Trial(true, "the end of the process", $"exit code {process.ExitCode}", seconds);
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

    [GeneratedRegex(@"^\s*Failed (?:EmbeddedRepl\.Tests\.)?([\w.]+)")]
    public static partial Regex FailedTest();
}
