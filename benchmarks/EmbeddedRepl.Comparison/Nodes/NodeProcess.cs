using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>A node of ours in a process of its own: one line asks, one line answers. It ends with this object. <see cref="NodeChild"/> is the other end.</summary>
internal sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    /// <summary>Starts one; returns when the node has started, which for a replica is before it has data.</summary>
    /// <param name="settings">Options as in a configuration: <c>Master=127.0.0.1:6390</c>, <c>BacklogSize=1048576</c>.</param>
    public NodeProcess(params string[] settings)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(NodeProcess).Assembly.Location);
        }

        start.ArgumentList.Add(NodeChild.Verb);
        Array.ForEach(settings, start.ArgumentList.Add);
        _process = Process.Start(start)!;
        Answer();
    }

    public int Id => _process.Id;

    public TimeSpan ProcessorTime => ProcessStatus.ProcessorTime(Id);

    public long ResidentBytes => ProcessStatus.ResidentBytes(Id);

    /// <summary>A master with an address of its own, that begins with nothing.</summary>
    public static NodeProcess StartMaster(params string[] settings) => new(["Role=Master", "Listen:0=127.0.0.1:0", "RecoveryWindow=00:00:00", .. settings]);

    /// <summary>A replica of a node.</summary>
    public static NodeProcess StartReplica(NodeProcess master, params string[] settings) => new([$"Master={master.Info().Address}", .. settings]);

    /// <summary>A replica that listens, too, so that others can follow it.</summary>
    public static NodeProcess StartMiddle(NodeProcess master, params string[] settings) => new([$"Master={master.Info().Address}", "Listen:0=127.0.0.1:0", .. settings]);

    /// <summary>Asks anything that <see cref="NodeChild"/> knows.</summary>
    /// <exception cref="InvalidOperationException">The process has ended, or the command failed there.</exception>
    public string Ask(string command)
    {
        Begin(command);
        return Answer();
    }

    /// <summary>Lets it begin with something that takes a while. Nothing else can be asked before <see cref="Answer"/>.</summary>
    public void Begin(string command) => _process.StandardInput.WriteLine(command);

    /// <summary>Waits for the answer to what was begun.</summary>
    /// <exception cref="InvalidOperationException">The process has ended, or the command failed there.</exception>
    public string Answer()
    {
        string answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The node's process has ended.");
        return answer.StartsWith(NodeChild.Failed, StringComparison.Ordinal) ? throw new InvalidOperationException(answer) : answer;
    }

    /// <summary>The answer to what was begun, as numbers.</summary>
    public double[] Numbers() => [.. Answer().Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];

    public NodeInfo Info() => NodeInfo.Parse(Ask("info"));

    /// <summary>Waits until it has complete data and its link streams.</summary>
    public void WaitForStreaming() => Ask("streaming");

    /// <summary>Waits until it has applied the stream up to an offset.</summary>
    public void WaitForOffset(long offset) => Ask($"offset {offset}");

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(StopLimit))
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }
}
