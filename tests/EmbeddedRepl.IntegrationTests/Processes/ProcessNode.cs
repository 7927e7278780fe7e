using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.NodeProcess;

namespace EmbeddedRepl.IntegrationTests.Processes;

/// <summary>A node in a process of its own, which can be frozen, thawed and killed. See <see cref="NodeCommands"/> for what it understands.</summary>
internal sealed class ProcessNode : IDisposable
{
    private readonly Process _process;
    private readonly BlockingCollection<string> _answers = [];
    private readonly ConcurrentQueue<string> _log = [];
    private readonly Thread _logReader;
    private bool _hasStarted;
    private bool _isFrozen;

    private ProcessNode(string[] settings)
    {
        // The same runtime as this process, whatever the machine calls its host.
        string host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        string program = Path.Combine(AppContext.BaseDirectory, "EmbeddedRepl.NodeProcess.dll");
        ProcessStartInfo start = new(host, ["exec", program, .. settings])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        Read(_process.StandardOutput, _answers.Add, _answers.CompleteAdding);
        _logReader = Read(_process.StandardError, _log.Enqueue, static () => { });
    }

    /// <summary>Whether its host has started, which <see cref="WaitUntilStarted"/> waits for.</summary>
    public bool HasStarted => _hasStarted || _answers.Count > 0;

    public string EndPoint => Info.EndPoint;

    public NodeStatus Info => JsonSerializer.Deserialize<NodeStatus>(Tell("info"))!;

    /// <summary>Every step of every sync that it has taken part in.</summary>
    public IReadOnlyList<SyncNote> Syncs => JsonSerializer.Deserialize<SyncNote[]>(Tell("syncs"))!;

    /// <summary>What it logged, for messages of failures.</summary>
    public string Log => string.Join('\n', _log);

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
    public static ProcessNode Begin(params string[] settings) => new(
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
        Assert.Equal("ready", Answer("start"));
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
    public void Freeze()
    {
        UnixSignal.Stop(_process.Id);
        _isFrozen = true;
    }

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Thaw()
    {
        UnixSignal.Continue(_process.Id);
        _isFrozen = false;
    }

    /// <summary>Ends it without a warning (SIGKILL).</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ends it as a service ends: its host stops everything in order.</summary>
    public void Stop()
    {
        _process.StandardInput.WriteLine("exit");
        _process.StandardInput.Flush();
        Assert.Equal("bye", Answer("exit"));
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            if (_isFrozen)
            {
                Thaw();
            }

            Kill();
        }

        _process.Dispose();
        _answers.Dispose();
    }

    private string Ask(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        return Answer(command);
    }

    private string Answer(string command)
    {
        if (_answers.TryTake(out string? answer, TestNode.Patience * 2))
        {
            return answer;
        }

        if (_answers.IsCompleted)
        {
            _logReader.Join(TestNode.Patience);
        }

        throw new TimeoutException($"The node process gave no answer to '{command}'.\n{Log}");
    }

    private static Thread Read(StreamReader reader, Action<string> take, Action end)
    {
        // Not by the thread pool: other tests of the same run block that.
        Thread thread = new(() =>
        {
            try
            {
                while (reader.ReadLine() is { } line)
                {
                    take(line);
                }

                // Whoever waits for an answer of a process that has ended hears of it at once.
                end();
            }
            catch (Exception exception) when (exception is ObjectDisposedException or IOException or InvalidOperationException)
            {
                // The test is over.
            }
        })
        { IsBackground = true, Name = "node process reader" };
        thread.Start();
        return thread;
    }
}
