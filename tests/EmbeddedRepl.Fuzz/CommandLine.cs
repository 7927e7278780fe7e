using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Fuzz;

/// <summary><c>[--seconds N] [--inputs N] [--seed N] [--target NAME,…] [--first N]</c>; the last line printed is <c>N passed, N failed</c>.</summary>
internal static class CommandLine
{
    private const double DefaultSeconds = 60;

    public static int Run(string[] args, TextWriter output)
    {
        string[] known = ["--seconds", "--inputs", "--seed", "--target", "--first"];
        string? target = CommandArguments.Text(args, "--target");
        if (args.Any(argument => argument.StartsWith("--", StringComparison.Ordinal) && !known.Contains(argument))
            || target?.Split(',').All(name => FuzzRun.Targets().Any(each => each.Name == name)) == false)
        {
            output.WriteLine($"Usage: [--seconds N] [--inputs N] [--seed N] [--target NAME,…] [--first N]; targets: {string.Join(", ", FuzzRun.Targets().Select(each => each.Name))}");
            return 2;
        }

        return FuzzRun.Run(
            new FuzzOptions(
                CommandArguments.Number<double>(args, "--seconds") ?? DefaultSeconds,
                (long?)CommandArguments.Number<double>(args, "--inputs"),
                (ulong)(CommandArguments.Number<double>(args, "--seed") ?? Random.Shared.Next(1_000_000)),
                (long)(CommandArguments.Number<double>(args, "--first") ?? 0),
                target),
            output);
    }
}
