using System.Diagnostics;
using System.Globalization;
using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Scenarios.Gc;
using EmbeddedRepl.Comparison.Scenarios.Memory;

namespace EmbeddedRepl.Comparison.Local;

/// <summary>
/// A part of a scenario in a process of its own, so that one contender's memory and garbage do not weigh on another's. It prints its results as lines "name value" and ends.
/// The same class is both ends.
/// </summary>
internal static class PartProcess
{
    public const string Verb = "part";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    private static readonly Dictionary<string, Action<string[]>> Parts = new()
    {
        [MemoryPart.Name] = MemoryPart.Run,
        [ChurnPart.Name] = ChurnPart.Run,
        [GcPart.Name] = GcPart.Run,
    };

    /// <summary>Runs a part and returns its results.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    /// <exception cref="TimeoutException">It has not ended after 15 minutes.</exception>
    public static Dictionary<string, double> Start(params string[] arguments)
    {
        using Process process = Process.Start(ChildProcess.OfThisProgram([Verb, .. arguments]))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!output.Wait(Limit))
        {
            process.Kill();
            throw new TimeoutException($"The part {string.Join(' ', arguments)} has not ended after {Limit.TotalMinutes} minutes.");
        }

        process.WaitForExit();
        return process.ExitCode != 0
            ? throw new InvalidOperationException($"The part {string.Join(' ', arguments)} failed: {output.Result}")
            : output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>The other end.</summary>
    public static int Run(string[] arguments)
    {
        Parts[arguments[0]](arguments[1..]);
        return 0;
    }

    /// <summary>Says a result, in the part's process.</summary>
    public static void Say(string name, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:R}"));
}
