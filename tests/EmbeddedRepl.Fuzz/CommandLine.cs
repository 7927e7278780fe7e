using System.Globalization;

namespace EmbeddedRepl.Fuzz;

/// <summary><c>[--seconds N] [--inputs N] [--seed N] [--target NAME,…] [--first N]</c>; the last line printed is <c>N passed, N failed</c>.</summary>
internal static class CommandLine
{
    private const double DefaultSeconds = 60;

    public static int Run(string[] args, TextWriter output)
    {
        string[] known = ["--seconds", "--inputs", "--seed", "--target", "--first"];
        string? target = Text(args, "--target");
        if (args.Any(argument => argument.StartsWith("--", StringComparison.Ordinal) && !known.Contains(argument))
            || target?.Split(',').All(name => FuzzRun.Targets().Any(each => each.Name == name)) == false)
        {
            output.WriteLine($"Usage: [--seconds N] [--inputs N] [--seed N] [--target NAME,…] [--first N]; targets: {string.Join(", ", FuzzRun.Targets().Select(each => each.Name))}");
            return 2;
        }

        return FuzzRun.Run(
            new FuzzOptions(
                Number(args, "--seconds") ?? DefaultSeconds,
                (long?)Number(args, "--inputs"),
                (ulong)(Number(args, "--seed") ?? Random.Shared.Next(1_000_000)),
                (long)(Number(args, "--first") ?? 0),
                target),
            output);
    }

    private static double? Number(string[] args, string name) => Text(args, name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string? Text(string[] args, string name)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
    }
}
