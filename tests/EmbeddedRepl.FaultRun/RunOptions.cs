using System.Globalization;

namespace EmbeddedRepl.FaultRun;

/// <summary>What the command line asks for.</summary>
/// <param name="Duration">How long faults are drawn; default 3 minutes.</param>
/// <param name="Seed">What everything random is drawn from; default: drawn. When it happens, the machine decides.</param>
/// <param name="Nodes">3 to 5; default: drawn from the seed.</param>
/// <param name="KeepsLogs">Whether the logs stay also if nothing failed.</param>
/// <param name="UsesLoopback">Whether to do without network namespaces where they would be allowed.</param>
internal sealed record RunOptions(TimeSpan Duration, int Seed, int Nodes, bool KeepsLogs, bool UsesLoopback)
{
    public const string Usage = "Usage: [--minutes 3] [--seed N] [--nodes 3..5] [--keep] [--loopback] | --check FOLDER";

    /// <returns>Null if the arguments say something else.</returns>
    public static RunOptions? Parse(string[] args)
    {
        double minutes = 3;
        int seed = Random.Shared.Next(1_000_000);
        int? nodes = null;
        bool keeps = false;
        bool usesLoopback = false;
        for (int i = 0; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out minutes) && minutes is > 0 and <= 10_000:
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out seed):
                    i++;
                    break;
                case "--nodes" when int.TryParse(value, CultureInfo.InvariantCulture, out int count) && count is >= 3 and <= 5:
                    nodes = count;
                    i++;
                    break;
                case "--keep":
                    keeps = true;
                    break;
                case "--loopback":
                    usesLoopback = true;
                    break;
                default:
                    return null;
            }
        }

        return new RunOptions(TimeSpan.FromMinutes(minutes), seed, nodes ?? new Random(seed).Next(3, 6), keeps, usesLoopback);
    }
}
