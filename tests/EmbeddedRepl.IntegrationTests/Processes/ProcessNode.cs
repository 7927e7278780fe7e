using System.Diagnostics;
using System.Text.Json;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.IntegrationTests.Processes;

/// <summary>A node in a process of its own, which can be frozen, thawed and killed. See <see cref="NodeCommands"/> for what it understands.</summary>
internal sealed class ProcessNode : IDisposable
{
    private readonly LineProcess _process;
    private bool _hasStarted;

    private ProcessNode(string program, string[] settings) => _process = new LineProcess(program, settings);

    /// <summary>The program of this build.</summary>
    public static string ThisBuild { get; } = Path.Combine(AppContext.BaseDirectory, "EmbeddedRepl.NodeProcess.dll");

    /// <summary>Whether its host has started, which <see cref="WaitUntilStarted"/> waits for.</summary>
    public bool HasStarted => _hasStarted || _process.HasAnswer;

    public string EndPoint => Info.EndPoint;

    public NodeStatus Info => JsonSerializer.Deserialize<NodeStatus>(Tell("info"))!;

    /// <summary>Every step of every sync that it has taken part in.</summary>
    public IReadOnlyList<SyncNote> Syncs => JsonSerializer.Deserialize<SyncNote[]>(Tell("syncs"))!;

    /// <summary>What it logged, for messages of failures.</summary>
    public string Log => _process.Log;

    /// <summary>Starts a process with the short intervals of <see cref="TestNode"/>, and waits until its host has started.</summary>
    /// <param name="settings">Further settings, as <c>Key=Value</c>.</param>
    public static ProcessNode Start(params string[] settings)
    {
        ProcessNode node = Begin(settings);
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

    /// <summary>As <see cref="Start"/>, but waits for nothing.</summary>
    public static ProcessNode Begin(params string[] settings) => BeginBuild(ThisBuild, settings);

    /// <summary>As <see cref="Begin"/>, with the program of another build.</summary>
    /// <param name="program">Path of its <c>EmbeddedRepl.NodeProcess.dll</c>.</param>
    /// <param name="settings">Further settings, as <c>Key=Value</c>.</param>
    public static ProcessNode BeginBuild(string program, params string[] settings) => new(program,
    [
        "HeartbeatInterval=00:00:00.2",
        "AckInterval=00:00:00.1",
        "ReconnectDelay=00:00:00.1",
        "RecoveryWindow=00:00:00",
        .. settings,
    ]);

    public static ProcessNode Master(params string[] settings) => Start(["Role=Master", "Listen:0=127.0.0.1:0", .. settings]);

    public static ProcessNode Replica(string master, params string[] settings) => Start([$"Master={master}", .. settings]);

    /// <summary>Waits until the host has started: what its snapshot file held is loaded. Once.</summary>
    public ProcessNode WaitUntilStarted()
    {
        Assert.Equal("ready", _process.Answer("start", TestNode.Patience * 2));
        _hasStarted = true;
        return this;
    }

    /// <summary>Gives a command and waits for its answer, which must not be an error.</summary>
    /// <returns>What follows the <c>ok</c>.</returns>
    public string Tell(string command)
    {
        string answer = Ask(command);
        Assert.StartsWith("ok", answer, StringComparison.Ordinal);
        return answer[2..].Trim();
    }

    /// <summary>Gives a command that the node may refuse.</summary>
    /// <returns>Whether it did what it was told.</returns>
    public bool TryTell(string command) => Ask(command).StartsWith("ok", StringComparison.Ordinal);

    public ProcessNode WaitFor(Func<NodeStatus, bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        for (NodeStatus status = Info; !condition(status); status = Info)
        {
            if (Stopwatch.GetElapsedTime(start) > TestNode.Patience)
            {
                throw new TimeoutException($"Did not happen: {what}; {status}\n{Log}");
            }

            Thread.Sleep(10);
        }

        return this;
    }

    public ProcessNode WaitForStreaming() => WaitFor(status => status.LinkState == nameof(ReplicationLinkState.Streaming), "the link streams");

    /// <summary>Stops the process where it stands (SIGSTOP) and returns when it does not run any more.</summary>
    public void Freeze() => _process.Freeze();

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Thaw() => _process.Thaw();

    /// <summary>Ends it without a warning (SIGKILL).</summary>
    public void Kill() => _process.Kill();

    /// <summary>Ends it as a service ends: its host stops everything in order.</summary>
    public void Stop()
    {
        Assert.Equal("bye", Ask("exit"));
        _process.WaitForExit();
    }

    public void Dispose() => _process.Dispose();

    private string Ask(string command) => _process.Ask(command, TestNode.Patience * 2);
}
