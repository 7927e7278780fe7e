using System.Globalization;
using EmbeddedRepl.Soak.Cycles;
using EmbeddedRepl.Soak.Load;

namespace EmbeddedRepl.Soak;

/// <summary><c>cycles [--count N] [--seed N] [--only KIND]</c> or <c>soak [--minutes N] [--seed N]</c>; the last line printed is <c>N passed, N failed</c>.</summary>
internal static class CommandLine
{
    private const int DefaultCycles = 10_000;
    private const double DefaultMinutes = 2;

    public static int Run(string[] args, TextWriter output)
    {
        int seed = (int)(Value(args, "--seed") ?? Random.Shared.Next(1_000_000));
        switch (args.FirstOrDefault())
        {
            case "cycles":
                return CycleRun.Run((int)(Value(args, "--count") ?? DefaultCycles), seed, Text(args, "--only"), output);
            case "soak":
                return SoakRun.Run(TimeSpan.FromMinutes(Value(args, "--minutes") ?? DefaultMinutes), seed, output);
            default:
                output.WriteLine($"Usage: cycles [--count {DefaultCycles}] [--seed N] [--only KIND] | soak [--minutes {DefaultMinutes}] [--seed N]");
                return 2;
        }
    }

    private static double? Value(string[] args, string name) => Text(args, name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string? Text(string[] args, string name)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }
}
