using System.Diagnostics;

namespace EmbeddedRepl.PlantedBugs;

/// <summary>A copy of the repository with every bug of the catalogue in it, each behind its switch, built once for all trials.</summary>
internal sealed class PlantedTree
{
    // Two projects of one name in a checkout are one too many for BenchmarkDotNet.
    private static readonly string[] NotCopied = ["bin", "obj", "artifacts", "benchmarks", ".git", "TestResults", "BenchmarkDotNet.Artifacts"];

    private PlantedTree(string root)
    {
        Root = root;
    }

    /// <summary>The top of the copy.</summary>
    public string Root { get; }

    /// <summary>The simulation, built with the bugs.</summary>
    public string Simulation => Built("EmbeddedRepl.Simulation");

    /// <summary>The unit tests, built with the bugs.</summary>
    public string UnitTests => Built("EmbeddedRepl.Tests");

    /// <summary>The copy that <see cref="Create"/> has made and built before.</summary>
    /// <param name="repository">The top of the repository.</param>
    public static PlantedTree Open(string repository) => new(Path.Combine(repository, "artifacts", "planted"));

    /// <summary>Copies, plants and builds.</summary>
    /// <param name="repository">The top of the repository.</param>
    /// <param name="forUnitTests">Whether the unit tests are built, or the simulation.</param>
    /// <exception cref="InvalidOperationException">A bug's place is not found, or the copy does not compile.</exception>
    public static PlantedTree Create(string repository, bool forUnitTests)
    {
        PlantedTree tree = Open(repository);
        if (Directory.Exists(tree.Root))
        {
            Directory.Delete(tree.Root, recursive: true);
        }

        Copy(repository, tree.Root);
        Plant(Path.Combine(tree.Root, "src", "EmbeddedRepl"));
        Build(Path.Combine(tree.Root, "tests", forUnitTests ? "EmbeddedRepl.Tests" : "EmbeddedRepl.Simulation"));
        return tree;
    }

    /// <summary>The files with their bugs, as text: what <see cref="Create"/> writes.</summary>
    /// <param name="source">The folder <c>src/EmbeddedRepl</c>.</param>
    public static IEnumerable<(string File, string Text)> PlantAll(string source) =>
        Catalogue.AllBugs.List.Select((bug, i) => (Number: i + 1, Bug: bug)).GroupBy(each => each.Bug.File).Select(bugs =>
        {
            string file = Path.Combine(source, bugs.Key);
            return (file, PlantedSource.Plant(File.ReadAllText(file).ReplaceLineEndings("\n"), bugs));
        });

    private static void Plant(string source)
    {
        foreach ((string file, string text) in PlantAll(source).ToArray())
        {
            File.WriteAllText(file, text);
        }

        File.WriteAllText(Path.Combine(source, "PlantedSwitch.cs"), PlantedSource.Switch);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.EnumerateDirectories(from).Where(folder => !NotCopied.Contains(Path.GetFileName(folder))))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }

    private static void Build(string project)
    {
        // The changed places need not be good style; that they compile is all that is asked of them.
        ProcessStartInfo start = new("dotnet", ["build", project, "-c", "Release", "-v", "q", "-nologo", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false", "-p:EnforceCodeStyleInBuild=false"])
        {
            RedirectStandardOutput = true,
        };
        using Process build = Process.Start(start)!;
        string output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        if (build.ExitCode != 0)
        {
            throw new InvalidOperationException($"The copy with the bugs does not compile:\n{string.Join('\n', output.Split('\n').Where(line => line.Contains("error", StringComparison.Ordinal)).Distinct())}");
        }
    }

    private string Built(string project) => Path.Combine(Root, "tests", project, "bin", "Release", "net10.0", project + ".dll");
}
