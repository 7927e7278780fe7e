using EmbeddedRepl.Samples.Cluster.Scenario;

namespace EmbeddedRepl.Samples.Cluster;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Keep">Leave the nodes running afterwards.</param>
/// <param name="Plain">Print lines, whatever the output is.</param>
/// <param name="Scenario">Which steps to run.</param>
/// <param name="List">Only say which scenarios there are.</param>
internal sealed record DemoOptions(bool Keep, bool Plain, string Scenario, bool List)
{
    /// <summary>How to use the program.</summary>
    public static string Usage { get; } =
        $"""
        usage: dotnet run --project samples/Cluster [-- [--keep] [--plain] [--scenario {string.Join('|', Scenarios.Names)}] [--list]]

          --keep      leave the nodes running afterwards, until Ctrl-C, to try them out
          --plain     print plain lines also in a terminal
          --scenario  what to show
          --list      say what each scenario shows, and end
        """;

    /// <summary>Reads the command line.</summary>
    /// <returns>Null if it asks for help or cannot be understood.</returns>
    public static DemoOptions? Parse(ReadOnlySpan<string> arguments)
    {
        var options = new DemoOptions(Keep: false, Plain: false, Scenario: "default", List: false);
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--keep":
                    options = options with { Keep = true };
                    break;
                case "--plain":
                    options = options with { Plain = true };
                    break;
                case "--list":
                    options = options with { List = true };
                    break;
                case "--scenario" when i + 1 < arguments.Length
                    && Scenarios.Names.Contains(arguments[i + 1], StringComparer.OrdinalIgnoreCase):
                    options = options with { Scenario = arguments[++i] };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
