using EmbeddedRepl.Soak.Cycles;
using EmbeddedRepl.Soak.Load;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Soak;

/// <summary><c>cycles [--count N] [--seed N] [--only KIND]</c> or <c>soak [--minutes N] [--seed N]</c>; the last line printed is <c>N passed, N failed</c>.</summary>
internal static class CommandLine
{
    private const int DefaultCycles = 10_000;
    private const double DefaultMinutes = 2;

    public static int Run(string[] args, TextWriter output)
    {
        int seed = (int)(CommandArguments.Number<double>(args, "--seed") ?? Random.Shared.Next(1_000_000));
        switch (args.FirstOrDefault())
        {
            case "cycles":
                return CycleRun.Run((int)(CommandArguments.Number<double>(args, "--count") ?? DefaultCycles), seed, CommandArguments.Text(args, "--only"), output);
            case "soak":
                return SoakRun.Run(TimeSpan.FromMinutes(CommandArguments.Number<double>(args, "--minutes") ?? DefaultMinutes), seed, output);
            default:
                output.WriteLine($"Usage: cycles [--count {DefaultCycles}] [--seed N] [--only KIND] | soak [--minutes {DefaultMinutes}] [--seed N]");
                return 2;
        }
    }
}
