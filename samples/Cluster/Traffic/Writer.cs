using EmbeddedRepl.Samples.Cluster.Nodes;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>Writes at the master, one request at a time. Several writers share the keys out among themselves.</summary>
internal sealed class Writer
{
    private readonly Node _master;
    private readonly Ledger _ledger;
    private readonly Visits _visits;
    private readonly TrafficTotals _totals;
    private readonly int _firstKey;
    private readonly int _keyStep;

    /// <summary>Creates a writer of every <paramref name="keyStep"/>-th key from <paramref name="firstKey"/> on.</summary>
    public Writer(Node master, Ledger ledger, Visits visits, TrafficTotals totals, int firstKey, int keyStep)
    {
        _master = master;
        _ledger = ledger;
        _visits = visits;
        _totals = totals;
        _firstKey = firstKey;
        _keyStep = keyStep;
    }

    /// <summary>Writes each of its keys once.</summary>
    public async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        for (int number = _firstKey; number < _ledger.KeyCount; number += _keyStep)
        {
            await WriteItemAsync(number, cancellationToken);
        }
    }

    /// <summary>Sends one write: mostly a new value of one of its keys, sometimes a visit or the end of one.</summary>
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
            default:
                int keys = ((_ledger.KeyCount - 1 - _firstKey) / _keyStep) + 1;
                await WriteItemAsync(_firstKey + (Random.Shared.Next(keys) * _keyStep), cancellationToken);
                break;
        }

        _totals.CountWrite();
    }

    private async Task WriteItemAsync(int number, CancellationToken cancellationToken)
    {
        string key = Ledger.KeyOf(number);
        long sequence = _ledger.Begin(number);

        // Every tenth has a sliding expiration far beyond the demo's end: it travels too, and it has to be equal in the end.
        string expiration = sequence % 10 == 0 ? "?sliding=1h" : "";
        await _master.PutEntryAsync(key, Payload.Create(key, sequence), expiration, cancellationToken);
        _ledger.Confirm(number, sequence);
    }
}
