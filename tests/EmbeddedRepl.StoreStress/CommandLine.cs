using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.StoreStress;

/// <summary><c>[--seconds N] [--seed N] [--threads N] [--matrix]</c>; the last line printed is <c>N passed, N failed</c>.</summary>
internal static class CommandLine
{
    private const double DefaultSeconds = 30;
    private const int DefaultThreads = 2;

    public static int Run(string[] args, TextWriter output)
    {
        string[] known = ["--seconds", "--seed", "--threads", "--matrix"];
        if (args.Any(argument => argument.StartsWith("--", StringComparison.Ordinal) && !known.Contains(argument)))
        {
            output.WriteLine("Usage: [--seconds N] [--seed N] [--threads N] [--matrix]");
            return 2;
        }

        var options = new StressOptions(
            CommandArguments.Number<double>(args, "--seconds") ?? DefaultSeconds, (int)(CommandArguments.Number<double>(args, "--seed") ?? Random.Shared.Next(1_000_000)), (int)(CommandArguments.Number<double>(args, "--threads") ?? DefaultThreads));
        return args.Contains("--matrix") ? Matrix.Run(options, output) : StressRun.Run(options, output);
    }
}
