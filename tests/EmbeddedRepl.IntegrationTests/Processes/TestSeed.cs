using System.Globalization;

namespace EmbeddedRepl.IntegrationTests.Processes;

/// <summary>
/// What the tests with processes draw everything random from: another one in each run, since when things happen differs anyway. A failure names it.
/// </summary>
internal static class TestSeed
{
    /// <summary>The variable of the environment that sets it.</summary>
    public const string Variable = "EMBEDDEDREPL_SEED";

    public static int Draw() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
        ? int.Parse(text, CultureInfo.InvariantCulture)
        : Random.Shared.Next(1_000_000);
}
