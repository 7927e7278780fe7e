using System.Buffers;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <content>Reads of entries.</content>
internal sealed partial class ReplicatedNode
{
    public byte[]? Get(string key)
    {
        byte[]? value;
        while (_core.Data.Store.Get(key, out value) == ReadOutcome.Retired)
        {
            // The data set was swapped while it was read: the new one answers.
        }

        _reads.Count(value is not null);
        return value;
    }

    public bool TryGet(string key, Span<byte> destination, out int bytesWritten)
    {
        while (true)
        {
            switch (_core.Data.Store.TryGet(key, destination, out bytesWritten))
            {
                case ReadOutcome.Hit:
                    _reads.Count(isHit: true);
                    return true;
                case ReadOutcome.Miss:
                    _reads.Count(isHit: false);
                    return false;
                case ReadOutcome.DestinationTooSmall:
                    throw new ArgumentException($"The value has {bytesWritten} bytes and does not fit into the destination, which has {destination.Length}.", nameof(destination));
                default:
                    continue;
            }
        }
    }

    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ReadOutcome outcome;
        do
        {
            outcome = _core.Data.Store.TryGet(key, destination);
        }
        while (outcome == ReadOutcome.Retired);
        _reads.Count(outcome == ReadOutcome.Hit);
        return outcome == ReadOutcome.Hit;
    }

    public CacheEntry? GetEntry(string key)
    {
        byte[]? value;
        EntryVersion version;
        while (_core.Data.Store.GetEntry(key, out value, out version) == ReadOutcome.Retired)
        {
            // The data set was swapped while it was read: the new one answers.
        }

        _reads.Count(value is not null);
        return value is null ? null : new CacheEntry(value, version);
    }

    public void Refresh(string key)
    {
        while (_core.Data.Store.Touch(key) == ReadOutcome.Retired)
        {
        }
    }
}
