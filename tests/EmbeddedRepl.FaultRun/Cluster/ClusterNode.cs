using System.Text.Json;
using EmbeddedRepl.FaultRun.Network;
using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.FaultRun.Cluster;

/// <summary>One node through all its lives.</summary>
internal sealed class ClusterNode : IDisposable
{
    private const int DiskSize = 24 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly INodeNetwork _network;
    private readonly string _logs;
    private readonly string _clientSettings;
    private readonly string[] _settings;
    private LineProcess? _process;
    private string _log = "";

    /// <param name="number">Which one it is, from 0.</param>
    /// <param name="network">Where it lives.</param>
    /// <param name="folder">Where its snapshot file is; exists.</param>
    /// <param name="logs">Where its clients log.</param>
    /// <param name="clientSettings">The number of clients, keys, and the rate, as the command <c>clients</c> takes them.</param>
    /// <param name="seed">What its clients draw from.</param>
    /// <param name="settings">Its settings besides those that its place in the cluster brings.</param>
    public ClusterNode(int number, INodeNetwork network, string folder, string logs, string clientSettings, int seed, string[] settings)
    {
        Number = number;
        Folder = folder;
        _network = network;
        _logs = logs;
        _clientSettings = $"{clientSettings} {seed}";
        _settings = settings;
        try
        {
            Disk = network.CanSilence ? new MountedFolder(folder, DiskSize) : null;
        }
        catch (IOException)
        {
            // Not allowed here: its file is on the disk of everybody, which nobody fills up.
        }
    }

    public int Number { get; }

    public string Folder { get; }

    /// <summary>The disk of its own that its snapshot file is on; null where there is none.</summary>
    public MountedFolder? Disk { get; }

    /// <summary>How often it was started.</summary>
    public int Life { get; private set; }

    /// <summary>The address that it was told to follow; null as a master.</summary>
    public string? Followed { get; private set; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Whether it ended without having been told to.</summary>
    public bool HasCrashed => _process is { HasExited: true };

    /// <summary>What its processes logged.</summary>
    public string Log => _log + (_process?.Log ?? "");

    /// <summary>Whether somebody keeps the operator from reaching it: it is down, frozen, or silent.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Starts it, and its clients as soon as it has started.</summary>
    /// <param name="master">Whom it follows; null for a master.</param>
    public void Start(string? master)
    {
        Followed = master;
        Life++;
        string[] role = master is null ? ["Role=Master"] : ["Role=Replica", $"Master={master}"];
        _process = new LineProcess(
            Path.Combine(AppContext.BaseDirectory, "EmbeddedRepl.NodeProcess.dll"),
            [.. role, $"Listen:0={_network.EndPointOf(Number)}", $"SnapshotDirectory={Folder}", .. _settings],
            _network.PrefixOf(Number));
    }

    public void WaitUntilStarted()
    {
        string answer = _process!.Answer("start", StartPatience);
        if (answer != "ready")
        {
            throw new InvalidOperationException($"Node {Number} did not start: {answer}");
        }

        Tell($"clients {_logs} {Number} {Life} {_clientSettings}");
    }

    /// <summary>Gives a command that it must not refuse.</summary>
    public string Tell(string command)
    {
        string answer = _process!.Ask(command, Patience);
        return answer.StartsWith("ok", StringComparison.Ordinal) ? answer[2..].Trim() : throw new InvalidOperationException($"Node {Number} answered '{command}' with '{answer}'.");
    }

    /// <summary>Gives a command that it may refuse, or not answer.</summary>
    /// <returns>What it answered; null if it did not do it.</returns>
    public string? TryTell(string command)
    {
        if (!IsRunning || IsCutOff)
        {
            return null;
        }

        try
        {
            string answer = _process!.Ask(command, Patience);
            return answer.StartsWith("ok", StringComparison.Ordinal) ? answer[2..].Trim() : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    public bool TryFollow(string master)
    {
        if (TryTell($"follow {master}") is null)
        {
            return false;
        }

        Followed = master;
        return true;
    }

    public bool TryPromote()
    {
        if (TryTell("promote") is null)
        {
            return false;
        }

        Followed = null;
        return true;
    }

    public NodeStatus? TryStatus() => TryTell("info") is { } text ? JsonSerializer.Deserialize<NodeStatus>(text) : null;

    public void Freeze() => _process!.Freeze();

    public void Thaw() => _process!.Thaw();

    public void Kill()
    {
        _process!.Kill();
        Forget();
    }

    /// <summary>Lets it end in order; kills it if it does not.</summary>
    public void Stop()
    {
        try
        {
            _process!.Ask("exit", Patience);
            _process.WaitForExit(Patience);
        }
        catch (TimeoutException)
        {
            // Killed below.
        }

        Forget();
    }

    public void Dispose()
    {
        Forget();
        Disk?.Dispose();
    }

    private void Forget()
    {
        _process?.Dispose();
        _log += _process?.Log;
        _process = null;
    }
}
