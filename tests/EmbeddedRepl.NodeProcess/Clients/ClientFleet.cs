using EmbeddedRepl.Replication;

namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>The clients of one life of a node, and what notes where the node stands meanwhile.</summary>
internal sealed class ClientFleet : IDisposable
{
    private const int DumpClient = 250;
    private static readonly TimeSpan LinePause = TimeSpan.FromMilliseconds(10);
    private const int LinesPerPlace = 8;

    private readonly IReplicatedCache _cache;
    private readonly PlaceObserver _places;
    private readonly ClientSettings _settings;
    private readonly TokenBoard _board;
    private readonly OperationLog _log;
    private readonly Thread[] _clients;
    private readonly Thread _observer;
    private volatile bool _isCalling = true;
    private volatile bool _isOver;

    /// <param name="cache">The cache of this process.</param>
    /// <param name="core">Its node.</param>
    /// <param name="folder">Where the log is made, <c>node-life.log</c>, and where the folder <c>board</c> is.</param>
    /// <param name="settings">What the clients do.</param>
    public ClientFleet(IReplicatedCache cache, NodeCore core, string folder, ClientSettings settings)
    {
        _cache = cache;
        _places = new PlaceObserver(core);
        _settings = settings;
        _board = new TokenBoard(Path.Combine(folder, "board"));
        _log = new OperationLog(Path.Combine(folder, $"{settings.Node}-{settings.Life}.log"), settings.Node, settings.Life);
        _observer = new Thread(Observe) { IsBackground = true, Name = "observer" };
        _observer.Start();
        _clients = [.. Enumerable.Range(0, settings.Clients).Select(number => new Thread(() => Call(number)) { IsBackground = true, Name = "client" })];
        foreach (Thread client in _clients)
        {
            client.Start();
        }
    }

    /// <summary>Lets every client end its present operation, and no other begin.</summary>
    public void StopCalling()
    {
        _isCalling = false;
        foreach (Thread client in _clients)
        {
            client.Join();
        }
    }

    /// <summary>Reads every key that there can be, and each that the cache names.</summary>
    /// <returns>How many keys the cache names.</returns>
    public int Dump()
    {
        var reader = new TrackedClient(_cache, _places, _log, _board, _settings, DumpClient);
        HashSet<string> keys = [.. _cache.EnumerateKeys()];
        int named = keys.Count;
        keys.UnionWith(Enumerable.Range(0, _settings.Keys).Select(i => $"k{i}"));
        keys.UnionWith(Enumerable.Range(0, Math.Max(1, _settings.Keys / 10)).Select(i => $"c{i}"));
        foreach (string key in keys)
        {
            reader.Read(key);
        }

        NotePlace();
        return named;
    }

    public void Dispose()
    {
        StopCalling();
        _isOver = true;
        _observer.Join();
        _log.Dispose();
    }

    private void Call(int number)
    {
        var client = new TrackedClient(_cache, _places, _log, _board, _settings, number);
        var random = new Random(number);
        while (_isCalling)
        {
            client.Step();
            Thread.Sleep(random.Next(2 * 1_000 / _settings.Rate + 1));
        }
    }

    private void Observe()
    {
        NodePlace last = default;
        for (int i = 0; !_isOver; i++)
        {
            NodePlace place = _places.Now;
            if (place.Epoch != last.Epoch || place.History != last.History)
            {
                _log.Line(place);
            }

            if (i % LinesPerPlace == 0)
            {
                NotePlace();
            }

            last = place;
            Thread.Sleep(LinePause);
        }
    }

    /// <summary>Notes offset and digest, which are taken together, unless another data set took the place of this one meanwhile.</summary>
    private void NotePlace()
    {
        int epoch = _places.Now.Epoch;
        ReplicationInfo info = _cache.GetReplicationInfo();
        if (_places.Now.Epoch == epoch)
        {
            _log.Place(epoch, info);
        }
    }
}
