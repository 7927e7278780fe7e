using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>Makes random changes to a store and records them as the stream would, to replay them over a snapshot.</summary>
internal sealed class WriteLog(StoreFixture fixture, Random random, int keys, bool clears)
{
    private readonly List<(string? Key, byte[]? Value)> _records = [];
    private int _version;

    public void WriteOne()
    {
        // Mostly known keys, sometimes new ones, so that the index grows.
        int key = random.Next(20) == 0 ? random.Next(keys * 4) : random.Next(keys);
        string name = $"key-{key}";
        int choice = random.Next(20_000);
        if (choice == 0 && clears)
        {
            fixture.Clear();
            _records.Add((null, null));
        }
        else if (choice < 14_000)
        {
            byte[] value = CheckedValue.Create(key, ++_version, random.Next(300));
            fixture.Set(name, value);
            _records.Add((name, value));
        }
        else
        {
            fixture.Remove(name);
            _records.Add((name, null));
        }
    }

    public void AssertReplayGivesTheFinalState(SnapshotModel snapshot)
    {
        StoreFixture replica = new();
        foreach ((string key, (byte[] value, EntryExpiration expiration, _, _)) in snapshot.Entries)
        {
            CheckedValue.Verify(int.Parse(key.AsSpan(4), System.Globalization.CultureInfo.InvariantCulture), value);
            replica.Set(key, value, expiration);
        }

        foreach ((string? key, byte[]? value) in _records)
        {
            if (key is null)
            {
                replica.Clear();
            }
            else if (value is null)
            {
                replica.Remove(key);
            }
            else
            {
                replica.Set(key, value);
            }
        }

        Assert.Equal(fixture.Store.Count, replica.Store.Count);
        Assert.Equal(fixture.Digest, replica.Digest);
        fixture.AssertConsistent();
        replica.AssertConsistent();
    }
}
