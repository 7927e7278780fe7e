using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Callers of the cache: write on whatever node takes writes, read on all of them, compare what they read.</summary>
internal sealed class Clients
{
    private readonly Cluster _cluster;
    private readonly SeededRandom _random;
    private readonly string[] _keys;
    private readonly long _writePause;
    private readonly int _largestValue;
    private readonly int _burst;
    private readonly int _expiringPercent;
    private bool _isWriting = true;

    public Clients(Cluster cluster)
    {
        _cluster = cluster;
        _random = cluster.Random.Fork();
        _keys = DrawKeys();
        _writePause = _random.Scaled(500, 100_000);
        _largestValue = (int)_random.Scaled(20, 20_000);
        _burst = _random.Chance(30) ? 60 : 3;
        _expiringPercent = _random.Pick(0, 10, 50);
    }

    public void Preload(SimulatedNode master, int entries)
    {
        for (int i = 0; i < entries; i++)
        {
            _cluster.Set(master, _random.Pick(_keys), DrawValue());
        }
    }

    /// <summary>Writes as much as a master may hold, so that it has to evict.</summary>
    public void FillUp(SimulatedNode master, long bytes)
    {
        for (long written = 0; written < bytes; written += 20_000)
        {
            byte[] value = new byte[20_000];
            _random.Fill(value.AsSpan(0, 100));
            _cluster.Set(master, $"bulk {written}", value);
        }
    }

    public void Start()
    {
        _cluster.Time.After(0, WriteSome);
        _cluster.Time.After(0, ReadSome);
    }

    public void StopWriting() => _isWriting = false;

    private void WriteSome()
    {
        if (!_isWriting)
        {
            return;
        }

        // A replica's refusal is an exception and costs more than everything else here, so only a few are asked for.
        SimulatedNode[] masters = [.. _cluster.Nodes.Where(candidate => candidate.TakesWrites)];
        SimulatedNode node = _random.Pick(masters.Length == 0 || _random.Chance(1) ? [.. _cluster.Nodes] : masters);
        if (!node.TakesWrites && !_random.Chance(5))
        {
            _cluster.Time.After(_random.Between(1, _writePause), WriteSome);
            return;
        }

        int writes = _random.Chance(5) ? _burst : 1;
        for (int i = 0; i < writes; i++)
        {
            WriteOne(node);
        }

        _cluster.Time.After(_random.Between(1, _writePause), WriteSome);
    }

    private void WriteOne(SimulatedNode node)
    {
        string key = _random.Pick(_keys);
        int kind = _random.Next(1000);
        if (kind < 4)
        {
            _cluster.Clear(node);
        }
        else if (kind < 200)
        {
            _cluster.Remove(node, key, atOnce: _random.Chance(50));
        }
        else
        {
            _cluster.Set(node, key, DrawValue(), DrawExpiration(), atOnce: _random.Chance(50));
        }
    }

    private void ReadSome()
    {
        SimulatedNode node = _random.Pick<SimulatedNode>([.. _cluster.Nodes]);
        node.Process?.Run(() =>
        {
            if (node.Process!.Core.Upstream?.State == ReplicationLinkState.ReceivingSnapshot && node.Process.Core.Data.HoldsData)
            {
                _cluster.Situations.Count(SituationCatalogue.OldDataRead);
            }

            node.Checker!.CheckKey(KeyOf(_random.Pick(_keys)));
        });
        _cluster.Time.After(_random.Between(1, 20_000), ReadSome);
    }

    private byte[] DrawValue()
    {
        int size = _random.Next(20) == 0 ? 0 : (int)_random.Scaled(1, _random.Next(40) == 0 ? _largestValue * 10 : _largestValue);
        byte[] value = new byte[size];
        _random.Fill(value);
        return value;
    }

    private WriteExpiration DrawExpiration()
    {
        if (!_random.Chance(_expiringPercent))
        {
            return default;
        }

        TimeSpan lifetime = TimeSpan.FromMilliseconds(_random.Scaled(20, 20_000));
        TimeSpan window = TimeSpan.FromMilliseconds(_random.Scaled(20, 5_000));
        return _random.Next(3) switch
        {
            0 => new WriteExpiration(null, lifetime, null),
            1 => new WriteExpiration(null, null, window),
            _ => new WriteExpiration(null, lifetime, window),
        };
    }

    private string[] DrawKeys()
    {
        string[] keys = new string[_random.Scaled(3, 400)];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = $"key {i}";
        }

        keys[0] = "";
        keys[1] = "\ud800 is half a character";
        keys[2] = new string('k', (int)_random.Scaled(10, 3_000));
        return keys;
    }

    private static string KeyOf(string key)
    {
        byte[] bytes = new byte[Storage.KeyCodec.GetByteCount(key)];
        Storage.KeyCodec.Encode(key, bytes);
        return ModelKey.Of(bytes);
    }
}
