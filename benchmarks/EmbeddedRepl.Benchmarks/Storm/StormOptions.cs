using System.Globalization;

namespace EmbeddedRepl.Benchmarks.Storm;

/// <summary>What the storm is made of.</summary>
/// <param name="Entries">Entries of the master, with keys of 16 characters and values of 100 B.</param>
/// <param name="Replicas">Real replicas that restart together; fewer if the memory does not suffice.</param>
/// <param name="ReplicaRate">Writes a second meanwhile.</param>
/// <param name="Sinks">Sinks that start together in the second part.</param>
/// <param name="SinkRate">Writes a second meanwhile.</param>
/// <param name="Folder">Where the charts go.</param>
internal sealed record StormOptions(int Entries, int Replicas, int ReplicaRate, int Sinks, int SinkRate, string Folder)
{
    public static StormOptions Parse(string[] args)
    {
        var options = new StormOptions(1_000_000, 50, 5_000, 50, 100_000, ".");
        for (int i = 0; i + 1 < args.Length; i += 2)
        {
            options = args[i] switch
            {
                "--entries" => options with { Entries = Number(args[i + 1]) },
                "--replicas" => options with { Replicas = Number(args[i + 1]) },
                "--replica-rate" => options with { ReplicaRate = Number(args[i + 1]) },
                "--sinks" => options with { Sinks = Number(args[i + 1]) },
                "--sink-rate" => options with { SinkRate = Number(args[i + 1]) },
                "--out" => options with { Folder = args[i + 1] },
                _ => throw new ArgumentException($"There is no option {args[i]}."),
            };
        }

        return options;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
