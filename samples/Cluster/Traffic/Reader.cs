using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>Reads at one node, one request at a time, and verifies what comes back.</summary>
internal sealed class Reader
{
    private readonly Node _node;
    private readonly Witness _witness;
    private readonly Ledger _ledger;
    private readonly Visits _visits;
    private readonly TrafficTotals _totals;

    /// <summary>Creates a reader; readers of the same node share its witness.</summary>
    public Reader(Node node, Witness witness, Ledger ledger, Visits visits, TrafficTotals totals)
    {
        _node = node;
        _witness = witness;
        _ledger = ledger;
        _visits = visits;
        _totals = totals;
    }

    /// <summary>Sends one read, mostly of an item.</summary>
    public async Task ReadOneAsync(CancellationToken cancellationToken)
    {
        string? wrong = Random.Shared.Next(10) == 0
            ? await ReadVisitAsync(cancellationToken)
            : await ReadItemAsync(Random.Shared.Next(_ledger.Count), cancellationToken);
        if (wrong is null)
        {
            _totals.CountRead(_node.IsMaster);
        }
        else
        {
            _totals.CountWrongAnswer(wrong);
        }
    }

    private async Task<string?> ReadItemAsync(int number, CancellationToken cancellationToken)
    {
        long oldestAllowed = _witness.OldestAllowed(number);
        byte[]? value = await _node.GetEntryAsync(Ledger.KeyOf(number), cancellationToken);
        return _witness.Judge(number, value, oldestAllowed);
    }

    private async Task<string?> ReadVisitAsync(CancellationToken cancellationToken)
    {
        string key = Visits.AnyKey();
        byte[]? value = await _node.GetEntryAsync(key, cancellationToken);
        return _visits.Judge(_node.Name, key, value);
    }
}
