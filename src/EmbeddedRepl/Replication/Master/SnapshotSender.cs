using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Master;

/// <summary>
/// Turns the live store into snapshot chunks, some entries at a time, while writes go on. Used by one sender loop, outside
/// of the gate; the cursor takes the gate for moments by itself.
/// </summary>
internal sealed class SnapshotSender(SnapshotCursor cursor, int chunkSize) : ISnapshotSink
{
    private readonly ArrayBufferWriter<byte> _encoded = new(chunkSize * 2);
    private int _sent;
    private bool _cursorEnded;

    /// <summary>Entries sent, counting one again that was read twice.</summary>
    public long Entries { get; private set; }

    /// <summary>Bytes of entries sent.</summary>
    public long Bytes { get; private set; }

    /// <summary>Sum over the entries as they were sent.</summary>
    public StoreDigest Digest { get; private set; }

    /// <summary>
    /// Whether entries were read and are not yet handed out. The stream must not be sent in between: a record that is newer
    /// than such an entry would be overtaken by it on the replica.
    /// </summary>
    public bool HasUnsentBytes => _sent < _encoded.WrittenCount;

    public bool IsFinished => _cursorEnded && !HasUnsentBytes;

    /// <summary>Appends one chunk frame to <paramref name="output"/>, reading further entries if need be.</summary>
    public void WriteChunk(IBufferWriter<byte> output)
    {
        if (!HasUnsentBytes)
        {
            _encoded.ResetWrittenCount();
            _sent = 0;
            try
            {
                _cursorEnded = !cursor.Read(this, chunkSize);
            }
            catch (InvalidOperationException) when (cursor.IsRetired)
            {
                // The node took another data set meanwhile. The session is closed already; what it read so far is not sent.
                _encoded.ResetWrittenCount();
            }

            if (!HasUnsentBytes)
            {
                return;
            }
        }

        int count = Math.Min(chunkSize, _encoded.WrittenCount - _sent);
        FrameWriter.WriteSnapshotChunk(output, _encoded.WrittenSpan.Slice(_sent, count));
        _sent += count;
        Bytes += count;
    }

    public void Entry(in SnapshotEntry entry)
    {
        Span<byte> prefix = _encoded.GetSpan(RecordEncoder.MaxPrefixSize(entry.Key.Length) + entry.Value.Length);
        EntryExpiration expiration = entry.Expiration;
        int length = RecordEncoder.EncodeEntryPrefix(
            prefix,
            entry.Key,
            entry.Value.Length,
            entry.Version,
            expiration.Deadline,
            expiration.SlidingWindow,
            expiration.AbsoluteCap,
            entry.LastChange);
        entry.Value.CopyTo(prefix[length..]);
        _encoded.Advance(length + entry.Value.Length);
        Entries++;
        Digest += entry.Digest;
    }
}
