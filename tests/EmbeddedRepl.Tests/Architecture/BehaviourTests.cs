using System.Text.RegularExpressions;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Architecture;

/// <summary>Finds the tests that carry <c>[Trait("Behaviour", "…")]</c>, in the sources, so that it does not matter which test projects are built.</summary>
internal static partial class BehaviourTests
{
    /// <summary>The tests of each row as <c>Class.Method</c>.</summary>
    public static ILookup<string, string> Find() => Sources("EmbeddedRepl.Tests").Concat(Sources("EmbeddedRepl.IntegrationTests"))
        .SelectMany(file => In(File.ReadLines(file)))
        .ToLookup(found => found.Id, found => found.Test);

    /// <summary>Whether the simulation has a check of that name.</summary>
    public static bool IsSimulationCheck(string name) => Sources("EmbeddedRepl.Simulation").Any(file => Regex.IsMatch(File.ReadAllText(file), $@"\b{Regex.Escape(name)}\b"));

    /// <summary>The tests in the lines of one file; a trait on a class counts for all of its tests.</summary>
    internal static IEnumerable<(string Id, string Test)> In(IEnumerable<string> lines)
    {
        List<string> pending = [];
        List<string> ofClass = [];
        string className = "";
        foreach (string line in lines)
        {
            pending.AddRange(Trait().Matches(line).Select(match => match.Groups[1].Value));
            if (Class().Match(line) is { Success: true } classMatch)
            {
                className = classMatch.Groups[1].Value;
                ofClass = pending;
                pending = [];
            }
            else if (Method().Match(line) is { Success: true } method)
            {
                foreach (string id in pending.Concat(ofClass))
                {
                    yield return (id, $"{className}.{method.Groups[1].Value}");
                }

                pending = [];
            }
        }
    }

    private static IEnumerable<string> Sources(string project)
    {
        string folder = Path.Combine(RepositoryFolder.FullName, "tests", project);
        return Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).StartsWith("obj", StringComparison.Ordinal));
    }

    [GeneratedRegex("""Trait\("Behaviour", "([A-Z]\d+)"\)""")]
    private static partial Regex Trait();

    [GeneratedRegex(@"^\s*(?:public|internal|private)\s+(?:sealed\s+|abstract\s+|static\s+|partial\s+)*class\s+(\w+)")]
    private static partial Regex Class();

    [GeneratedRegex(@"^\s*(?:public|internal)\s+(?:async\s+)?(?:void|Task)\s+(\w+)\(")]
    private static partial Regex Method();
}
