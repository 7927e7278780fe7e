using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>Writes at the master, one request at a time. Several writers share the items out among themselves.</summary>
internal sealed class Writer
{
    private readonly Node _master;
    private readonly Ledger _ledger;
    private readonly Visits _visits;
    private readonly TrafficTotals _totals;
    private readonly int _first;
    private readonly int _step;

    /// <summary>Creates a writer of every <paramref name="step"/>-th item from <paramref name="first"/> on, and of new ones.</summary>
    public Writer(Node master, Ledger ledger, Visits visits, TrafficTotals totals, int first, int step)
    {
        _master = master;
        _ledger = ledger;
        _visits = visits;
        _totals = totals;
        _first = first;
        _step = step;
    }

    /// <summary>Writes each of its items once.</summary>
    public async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        for (int number = _first; number < _ledger.InitialCount; number += _step)
        {
            await WriteItemAsync(number, cancellationToken);
        }
    }

    /// <summary>Sends one write: mostly a new value of one of its items, sometimes a new item, a visit or the end of one.</summary>
    public async Task WriteOneAsync(CancellationToken cancellationToken)
    {
        switch (Random.Shared.Next(100))
        {
            case < 10:
                string arriving = Visits.AnyKey();
                await _master.PutEntryAsync(
                    arriving, _visits.NextValue(arriving), $"?ttl={Visits.TimeToLive.TotalSeconds}s", cancellationToken);
                break;
            case < 15:
                await _master.DeleteEntryAsync(Visits.AnyKey(), cancellationToken);
                break;
            case < 35 when _ledger.TryAdd(out int added):
                await WriteItemAsync(added, cancellationToken);
                break;
            default:
                int items = ((_ledger.InitialCount - 1 - _first) / _step) + 1;
                await WriteItemAsync(_first + (Random.Shared.Next(items) * _step), cancellationToken);
                break;
        }

        _totals.CountWrite();
    }

    private async Task WriteItemAsync(int number, CancellationToken cancellationToken)
    {
        string key = Ledger.KeyOf(number);
        long sequence = _ledger.Begin(number);

        // Some have a sliding expiration far beyond the demo's end: it travels too, and it has to be equal in the end.
        string expiration = (number + sequence) % 10 == 0 ? "?sliding=1h" : "";
        await _master.PutEntryAsync(key, Payload.Create(key, sequence), expiration, cancellationToken);
        _ledger.Confirm(number, sequence);
    }
}
