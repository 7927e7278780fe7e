using EmbeddedRepl.Comparison.Redis;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>Runs the scenarios one after the other.</summary>
internal static class ComparisonRun
{
    /// <returns>0; 1 if a result was wrong, or, where asked for, a goal was missed.</returns>
    public static int Run(ComparisonOptions options)
    {
        var report = new Report();
        report.Note(Environment(options));
        bool isWrong = false;
        foreach (IScenario scenario in options.Scenarios)
        {
            report.Note($"\n--- {scenario.Name}: {scenario.Summary}");
            try
            {
                scenario.Run(new ScenarioContext(options, report, scenario));
            }
            catch (WrongResultException exception)
            {
                isWrong = true;
                report.Note($"WRONG: {exception.Message}");
            }
        }

        report.Summarize();
        if (options.JsonFile is { } file)
        {
            ReportJson.Write(file, Environment(options), report.Figures);
        }

        if (options.PlotFolder is { } folder)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "ratios.svg"), RatioPlot.Draw(report.Figures, options.IsShort));
        }

        return isWrong || (options.IsStrict && report.IsMissed) ? 1 : 0;
    }

    private static string Environment(ComparisonOptions options)
    {
        string redis = RedisServer.Version is { } version
            ? $"Redis {version}"
            : "no Redis (Debian: apt-get install redis-server), so only what lives in this process is compared";
        return $"{DateTime.UtcNow:yyyy-MM-dd}, {System.Environment.ProcessorCount} processors, .NET {System.Environment.Version}, {redis}"
            + (options.IsShort ? "; a short run, whose figures mean nothing" : "");
    }
}
