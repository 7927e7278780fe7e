namespace EmbeddedRepl.Comparison.Runner;

/// <summary>What the command line asks for.</summary>
/// <param name="Scenarios">Which scenarios to run, in this order.</param>
/// <param name="IsShort">A few entries and one turn each, which shows that everything runs and ends with the right result; its figures mean nothing.</param>
/// <param name="IsStrict">Whether a missed goal makes the exit code 1.</param>
/// <param name="JsonFile">Where the figures go as JSON, or null.</param>
/// <param name="PlotFolder">Where the plots go, or null.</param>
internal sealed record ComparisonOptions(IReadOnlyList<IScenario> Scenarios, bool IsShort, bool IsStrict, string? JsonFile, string? PlotFolder)
{
    public static string Usage { get; } = $"""
        dotnet run -c Release --project benchmarks/EmbeddedRepl.Comparison -- SCENARIO… [--json FILE] [--plots FOLDER] [--short] [--check]

        {string.Join('\n', ScenarioList.All.Select(scenario => $"  {scenario.Name,-14}{scenario.Summary}"))}
          all           all of them
          model [--json FILE]   no scenario: what clusters of 50 and 500 nodes cost, calculated with the figures of a run

          --json FILE    all measurements as JSON
          --plots FOLDER SVG plots
          --short        few entries and one turn: shows that all of it works; the figures mean nothing
          --check        the exit code is 1 if a goal is missed
        """;

    /// <exception cref="ArgumentException">The arguments make no sense; the message says why.</exception>
    public static ComparisonOptions Parse(string[] args)
    {
        List<IScenario> scenarios = [];
        bool isShort = false;
        bool isStrict = false;
        string? json = null;
        string? plots = null;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--short":
                    isShort = true;
                    break;
                case "--check":
                    isStrict = true;
                    break;
                case "--json" when i + 1 < args.Length:
                    json = args[++i];
                    break;
                case "--plots" when i + 1 < args.Length:
                    plots = args[++i];
                    break;
                case "all":
                    scenarios.AddRange(ScenarioList.All);
                    break;
                default:
                    scenarios.Add(ScenarioList.All.FirstOrDefault(scenario => scenario.Name == args[i]) ?? throw new ArgumentException($"What is '{args[i]}'?"));
                    break;
            }
        }

        return scenarios.Count == 0
            ? throw new ArgumentException("Which scenario?")
            : new ComparisonOptions(scenarios, isShort, isStrict, json, plots);
    }
}
