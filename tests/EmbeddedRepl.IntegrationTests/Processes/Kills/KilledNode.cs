using System.Globalization;
using EmbeddedRepl.NodeProcess;

namespace EmbeddedRepl.IntegrationTests.Processes.Kills;

/// <summary>One node through all its lives, each of which begins with the file that the one before left behind.</summary>
internal sealed class KilledNode(string folder, params string[] settings) : IDisposable
{
    private readonly string[] _settings = [.. settings, $"SnapshotDirectory={folder}", "SnapshotAfterChanges=300"];
    private ProcessNode? _process;
    private long _reads;

    /// <summary>Whether it is now reading everything all the time.</summary>
    public bool IsRead { get; private set; }

    public ProcessNode Process => _process!;

    public NodeStatus Info => Process.Info;

    /// <summary>Begins its next life, without waiting for anything.</summary>
    public void Begin() => _process = ProcessNode.Begin(_settings);

    /// <summary>Ends its life.</summary>
    /// <returns>Whether it was in the middle of writing its file.</returns>
    public bool Kill()
    {
        Process.Kill();
        Process.Dispose();
        _process = null;
        _reads = 0;
        IsRead = false;
        return Directory.Exists(folder) && Directory.GetFiles(folder, "*.tmp-*").Length > 0;
    }

    /// <summary>Lets nothing be left of its earlier lives.</summary>
    public void Forget() => Directory.Delete(folder, recursive: true);

    public void BeginToRead(string prefix, int keys)
    {
        if (!IsRead)
        {
            Process.Tell($"read {prefix} {keys}");
            IsRead = true;
        }
    }

    /// <summary>Every read found what it must; and there were some since the last time, for which it waits.</summary>
    public void AssertServed()
    {
        long before = _reads;
        do
        {
            string[] reads = Process.Tell("reads").Split(' ');
            _reads = long.Parse(reads[0], CultureInfo.InvariantCulture);
            Assert.True(reads[1] == "0", $"{reads[1]} of {reads[0]} reads found nothing, or something else than was written.\n{Process.Log}");
        }
        while (_reads == before);
    }

    public void Dispose() => _process?.Dispose();
}
