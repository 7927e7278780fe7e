using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>The demo's clients: writers at the master, readers at every node. Started once and stopped once.</summary>
internal sealed class TrafficGenerator : IAsyncDisposable
{
    // 100 ticks a second make 500 writes/s at the master and 1,000 reads/s at every node: enough to see, and little enough
    // to leave a small machine responsive while it runs five processes.
    private const int InitialItems = 2_000;
    private const int MostItems = 100_000;
    private const int WriterCount = 5;
    private const int WritesPerTick = 1;
    private const int ReadersPerNode = 2;
    private const int ReadsPerTick = 5;

    private readonly ClusterNodes _nodes;
    private readonly Visits _visits = new();
    private readonly Writer[] _writers;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private Task _loops = Task.CompletedTask;

    /// <summary>Creates the clients; sends nothing.</summary>
    public TrafficGenerator(ClusterNodes nodes)
    {
        _nodes = nodes;
        _writers = [.. Enumerable.Range(0, WriterCount).Select(
            number => new Writer(nodes.Master, Ledger, _visits, Totals, number, WriterCount))];
    }

    /// <summary>What was written.</summary>
    public Ledger Ledger { get; } = new(InitialItems, MostItems);

    /// <summary>What came of it.</summary>
    public TrafficTotals Totals { get; } = new();

    /// <summary>Writes every item that is there from the start, as fast as it goes.</summary>
    public Task FillAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_writers.Select(writer => writer.WriteAllAsync(cancellationToken)));

    /// <summary>Starts reading and writing.</summary>
    public void Start()
    {
        IEnumerable<Task> writing = _writers.Select(
            writer => TrafficLoop.RunAsync(_nodes.Master, WritesPerTick, writer.WriteOneAsync, Totals, _stop.Token, _abort.Token));
        _loops = Task.WhenAll([.. writing, .. _nodes.All.SelectMany(Read)]);
    }

    /// <summary>Stops; every request that was sent has been answered when it returns.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loops;
    }

    /// <summary>Gives up whatever is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _abort.CancelAsync();
        await _loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _abort.Dispose();
    }

    private Task[] Read(Node node)
    {
        var witness = new Witness(node, Ledger);
        return [.. Enumerable.Range(0, ReadersPerNode).Select(_ =>
        {
            var reader = new Reader(node, witness, Ledger, _visits, Totals);
            return TrafficLoop.RunAsync(node, ReadsPerTick, reader.ReadOneAsync, Totals, _stop.Token, _abort.Token);
        })];
    }
}
