using System.Globalization;
using EmbeddedRepl.PlantedBugs.Catalogue;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.PlantedBugs;

/// <summary>
/// <c>[--seeds N] [--at-least N] [--unit-tests] [--only TEXT] [--list]</c>; the last line printed is <c>N passed, N failed</c>: a bug that the simulation catches passes. With
/// <c>--at-least</c>, for a short run, those that few seeds do not reach do not count as failed as long as so many are caught.
/// </summary>
internal static class CommandLine
{
    private const int MaxSeeds = 2_000;

    public static int Run(string[] args, TextWriter output)
    {
        if (args.Contains("--help"))
        {
            output.WriteLine("Usage: [--seeds N] [--at-least N] [--unit-tests] [--only TEXT] [--list]");
            return 2;
        }

        (int Number, PlantedBug Bug)[] chosen =
        [
            .. AllBugs.List.Select((bug, i) => (Number: i + 1, Bug: bug)).Where(each => CommandArguments.Text(args, "--only") is not { } text || each.Bug.Name.Contains(text, StringComparison.Ordinal)),
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
        bool withUnitTests = args.Contains("--unit-tests");
        output.WriteLine($"{chosen.Length} bugs are planted in a copy of the source, which is built now.");
        PlantedTree tree = PlantedTree.Create(RepositoryFolder.FullName, withUnitTests);

        // With no bug nothing may fail, or whatever fails with one would say nothing.
        Trial healthy = Trial.OfSimulation(tree, 0, 50);
        Trial? healthyTests = withUnitTests ? Trial.OfUnitTests(tree, 0) : null;
        if (healthy.IsCaught || healthyTests is { IsCaught: true })
        {
            output.WriteLine($"Without any bug, {healthyTests?.By ?? healthy.By} fails: {healthy.Message}");
            output.WriteLine("0 passed, 1 failed");
            return 1;
        }

        output.WriteLine(withUnitTests ? "| bug | file | the simulation | unit tests |\n|---|---|---|---|" : "| bug | file | the simulation |\n|---|---|---|");
        List<string> escaped = [];
        foreach ((int number, PlantedBug bug) in chosen)
        {
            Trial simulated = Trial.OfSimulation(tree, number, seeds);
            Trial? tested = withUnitTests ? Trial.OfUnitTests(tree, number) : null;
            output.WriteLine($"| {bug.Name} | `{Path.GetFileName(bug.File)}` | {Cell(simulated)}{(simulated.IsCaught ? ": " + Short(simulated.Message!) : "")} |{(tested is null ? "" : $" {Cell(tested)} |")}");
            if (!simulated.IsCaught)
            {
                escaped.Add(bug.Name);
            }
        }

        output.WriteLine();
        foreach (string name in escaped)
        {
            output.WriteLine($"NOT CAUGHT in {seeds} seeds: {name}");
        }

        int caught = chosen.Length - escaped.Count;
        int wanted = CommandArguments.Number<int>(args, "--at-least") ?? chosen.Length;
        int failed = Math.Max(0, wanted - caught);
        output.WriteLine($"{caught} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static string Cell(Trial trial) => trial.IsCaught
        ? string.Create(CultureInfo.InvariantCulture, $"{trial.By}, {trial.Seconds:F1} s")
        : "not caught";

    private static string Short(string message)
    {
        string line = message.Split('\n')[0].Replace("|", "/", StringComparison.Ordinal).Trim();
        return line.Length <= 120 ? line : line[..117] + "…";
    }
}
