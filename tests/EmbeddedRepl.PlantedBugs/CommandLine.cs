using System.Globalization;
using EmbeddedRepl.PlantedBugs.Catalogue;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.PlantedBugs;

/// <summary>
/// <c>[--seeds N | --unit-tests [--limit S]] [--at-least N] [--only TEXT] [--no-build] [--list]</c>; the last line printed is <c>N passed, N failed</c>: a bug that is caught passes. The simulation has to
/// catch those that are not only for the unit tests; with <c>--unit-tests</c> the unit tests take its place and have to catch all. With <c>--at-least</c> those that are not caught do not count
/// as failed as long as so many are: for a short run, which not many seeds reach. <c>--no-build</c> takes the copy that the run before has built.
/// </summary>
internal static class CommandLine
{
    private const string Usage = "Usage: [--seeds N | --unit-tests [--limit SECONDS]] [--at-least N] [--only TEXT] [--no-build] [--list]";
    private const int MaxSeeds = 2_000;

    /// <summary>How long the unit tests may take with one bug, in seconds: several times what they take without any.</summary>
    private const int UnitTestLimit = 300;

    public static int Run(string[] args, TextWriter output)
    {
        if (args.Contains("--help"))
        {
            output.WriteLine(Usage);
            return 2;
        }

        bool byUnitTests = args.Contains("--unit-tests");
        (int Number, PlantedBug Bug)[] chosen =
        [
            .. AllBugs.List.Select((bug, i) => (Number: i + 1, Bug: bug))
                .Where(each => byUnitTests || !each.Bug.IsForUnitTests)
                .Where(each => CommandArguments.Text(args, "--only") is not { } text || each.Bug.Name.Contains(text, StringComparison.Ordinal)),
        ];
        if (args.Contains("--list"))
        {
            foreach ((int number, PlantedBug bug) in chosen)
            {
                output.WriteLine($"{number,3} {bug.Name} ({bug.File})");
            }

            return 0;
        }

        int seeds = CommandArguments.Number<int>(args, "--seeds") ?? MaxSeeds;
        var limit = TimeSpan.FromSeconds(CommandArguments.Number<int>(args, "--limit") ?? UnitTestLimit);
        bool isBuilt = args.Contains("--no-build");
        output.WriteLine($"{chosen.Length} bugs are planted in a copy of the source, which {(isBuilt ? "has been built before" : "is built now")}.");
        PlantedTree tree = isBuilt ? PlantedTree.Open(RepositoryFolder.FullName) : PlantedTree.Create(RepositoryFolder.FullName, byUnitTests);

        // With no bug nothing may fail, or whatever fails with one would say nothing.
        Trial healthy = byUnitTests ? Trial.OfUnitTests(tree, 0, limit) : Trial.OfSimulation(tree, 0, Math.Min(seeds, 50));
        if (healthy.IsCaught || !healthy.HasEnded)
        {
            output.WriteLine(healthy.IsCaught ? $"Without any bug, {healthy.By} fails: {healthy.Message}" : "Without any bug, the time is not enough.");
            output.WriteLine("0 passed, 1 failed");
            return 1;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Without any bug, all passes in {healthy.Seconds:F1} s."));
        output.WriteLine("| bug | file | caught by | after |\n|---|---|---|---|");
        List<string> escaped = [];
        foreach ((int number, PlantedBug bug) in chosen)
        {
            Trial trial = byUnitTests ? Trial.OfUnitTests(tree, number, limit) : Trial.OfSimulation(tree, number, seeds);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {bug.Name} | `{Path.GetFileName(bug.File)}` | {Cell(trial)} | {trial.Seconds:F1} s |"));
            if (!trial.IsCaught)
            {
                escaped.Add(bug.Name);
            }
        }

        output.WriteLine();
        foreach (string name in escaped)
        {
            output.WriteLine($"NOT CAUGHT {(byUnitTests ? "by any unit test" : $"in {seeds} seeds")}: {name}");
        }

        int caught = chosen.Length - escaped.Count;
        int wanted = CommandArguments.Number<int>(args, "--at-least") ?? chosen.Length;
        int failed = Math.Max(0, wanted - caught);
        output.WriteLine($"{caught} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static string Cell(Trial trial) => (trial.IsCaught, trial.HasEnded) switch
    {
        (true, _) => trial.By + Short(trial.Message),
        (false, true) => "not caught",
        (false, false) => "not caught: did not end",
    };

    private static string Short(string? message)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            return "";
        }

        string line = message.Split('\n')[0].Replace("|", "/", StringComparison.Ordinal).Trim();
        return ": " + (line.Length <= 120 ? line : line[..117] + "…");
    }
}
