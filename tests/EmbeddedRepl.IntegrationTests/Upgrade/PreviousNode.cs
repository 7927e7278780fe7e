using EmbeddedRepl.IntegrationTests.Processes;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Upgrade;

/// <summary>The node process of an earlier build, which understands only the commands of its time. <c>tests/build-previous.sh</c> makes it.</summary>
internal static class PreviousNode
{
    /// <summary>The variable of the environment that holds the path of its <c>EmbeddedRepl.NodeProcess.dll</c>.</summary>
    public const string Variable = "EMBEDDEDREPL_PREVIOUS_NODE";

    /// <summary>That path.</summary>
    public static string Path => Program ?? throw new InvalidOperationException($"{Variable} is not set; tests/build-previous.sh prints what it must be.");

    private static string? Program => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;

    /// <summary>Why tests with it are skipped; null if they run. In CI they run, and fail without it.</summary>
    public static string? SkipReason => Program is not null || ToolFactAttribute.IsDemanded(Environment.GetEnvironmentVariable("CI"))
        ? null
        : $"Needs {Variable}, the path that tests/build-previous.sh prints.";

    /// <summary>Starts a node of the previous build, or of this one, and waits until its host has started.</summary>
    public static ProcessNode Start(bool isPrevious, params string[] settings)
    {
        string program = isPrevious ? Path : ProcessNode.ThisBuild;
        if (!File.Exists(program))
        {
            throw new FileNotFoundException($"{Variable} names a file that does not exist.", program);
        }

        ProcessNode node = ProcessNode.BeginBuild(program, settings);
        try
        {
            return node.WaitUntilStarted();
        }
        catch
        {
            node.Dispose();
            throw;
        }
    }
}
