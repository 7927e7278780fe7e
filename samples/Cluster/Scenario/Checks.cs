using EmbeddedRepl.Samples.Cluster.Display;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>What the demo claims, and whether it was so. Used by the scenario only.</summary>
internal sealed class Checks
{
    private readonly Screen _screen;
    private readonly List<(string Step, string Claim, bool Holds, string? Detail)> _all = [];
    private string _step = "";

    /// <summary>Starts without any check.</summary>
    /// <param name="screen">Shows a failure as soon as it is known.</param>
    public Checks(Screen screen)
    {
        _screen = screen;
    }

    /// <summary>How many checks failed.</summary>
    public int Failed => _all.Count(check => !check.Holds);

    /// <summary>How many checks were made.</summary>
    public int Count => _all.Count;

    /// <summary>Names the step that the next checks belong to.</summary>
    public void BeginStep(string step) => _step = step;

    /// <summary>Makes one check.</summary>
    /// <param name="claim">What should be so.</param>
    /// <param name="holds">Whether it is.</param>
    /// <param name="detail">The figures behind it.</param>
    public void That(string claim, bool holds, string? detail = null)
    {
        _all.Add((_step, claim, holds, detail));
        if (!holds)
        {
            _screen.WriteLine(Format(claim, holds, detail));
        }
    }

    /// <summary>Lists every check under its step.</summary>
    public void WriteSummary()
    {
        foreach (var step in _all.GroupBy(check => check.Step))
        {
            _screen.WriteLine(Style.Bold(step.Key));
            foreach ((_, string claim, bool holds, string? detail) in step)
            {
                _screen.WriteLine(Format(claim, holds, detail));
            }
        }

        _screen.WriteLine();
        _screen.WriteLine(Failed == 0
            ? Style.Green($"All {Count} checks passed.")
            : Style.Red($"{Failed} of {Count} checks failed."));
    }

    private static string Format(string claim, bool holds, string? detail) =>
        $"  {(holds ? Style.Green("✔") : Style.Red("✘"))} {claim}{(detail is null ? "" : Style.Dim($"  ({detail})"))}";
}
