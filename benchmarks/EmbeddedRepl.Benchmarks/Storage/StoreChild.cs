using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Benchmarks.Storage;

/// <summary>A part of the comparison in a process of its own; its results are lines "name value".</summary>
internal static class StoreChild
{
    public const string Verb = "store-child";

    /// <summary>Runs a part and returns its results.</summary>
    public static Dictionary<string, double> Start(string part, string contender, int entries)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(StoreChild).Assembly.Location);
        }

        foreach (string argument in new[] { Verb, part, contender, entries.ToString(CultureInfo.InvariantCulture) })
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The part {part} of {contender} failed: {output}");
        }

        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public static int Run(string[] args)
    {
        int entries = int.Parse(args[2], CultureInfo.InvariantCulture);
        switch (args[0])
        {
            case "memory":
                MemoryPart.Run(args[1], entries);
                return 0;
            case "speed":
                SpeedPart.Run(entries);
                return 0;
            case "pauses":
                PausePart.Run(args[1], entries);
                return 0;
            case "churn":
                ChurnPart.Run(entries);
                return 0;
            default:
                return 1;
        }
    }

    public static void Report(string name, double value) => Console.WriteLine($"{name} {value.ToString("R", CultureInfo.InvariantCulture)}");
}
