using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>Takes whole records one by one, in order.</summary>
internal interface IRecordSink
{
    /// <summary>What the records will change, so that its memory can be loaded ahead of them; null if there is nothing to load.</summary>
    CacheStore? Store => null;

    /// <param name="record">Valid during the call.</param>
    /// <param name="raw">The record's bytes as they were received; valid during the call.</param>
    void Accept(in Record record, ReadOnlySpan<byte> raw);
}

/// <summary>
/// Cuts a stream that arrives in pieces into whole records. Whole records are passed on where they lie; only one that is
/// cut by the end of a piece is copied, into a buffer that grows with what has arrived and never past the largest record
/// that the limits allow.
/// </summary>
internal sealed class RecordAssembler(RecordLimits limits, IRecordSink sink) : IDisposable
{
    /// <summary>How much is copied at a time while the length of a cut record is not yet known.</summary>
    private const int UnknownLengthStep = 64;

    private byte[] _partial = [];
    private int _partialLength;

    /// <summary>Bytes of a record that has not arrived whole.</summary>
    public int PendingBytes => _partialLength;

    /// <inheritdoc cref="Feed(ReadOnlySpan{byte})"/>
    public void Feed(in ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            Feed(segment.Span);
        }
    }

    /// <exception cref="ProtocolException">The bytes are not records, or one is larger than the limits allow.</exception>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (_partialLength > 0)
        {
            bytes = CompletePartial(bytes);
        }

        CacheStore? store = sink.Store;
        for (int foreseen = 0; !bytes.IsEmpty; foreseen--)
        {
            if (foreseen <= 0 && store is not null)
            {
                foreseen = RecordForesight.Load(bytes, limits, store);
            }

            if (!RecordReader.TryRead(bytes, limits, out Record record, out int consumed))
            {
                AppendPartial(bytes);
                return;
            }

            sink.Accept(record, bytes[..consumed]);
            bytes = bytes[consumed..];
        }
    }

    public void Dispose()
    {
        if (_partial.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_partial);
            _partial = [];
        }

        _partialLength = 0;
    }

    private ReadOnlySpan<byte> CompletePartial(ReadOnlySpan<byte> bytes)
    {
        int step = UnknownLengthStep;
        while (!bytes.IsEmpty)
        {
            int before = _partialLength;
            int take = Math.Min(step, bytes.Length);
            AppendPartial(bytes[..take]);
            ReadOnlySpan<byte> assembled = _partial.AsSpan(0, _partialLength);
            if (RecordReader.TryRead(assembled, limits, out Record record, out int consumed))
            {
                sink.Accept(record, assembled[..consumed]);

                // More than the rest of the record may have been copied; what follows it is read from where it lies.
                bytes = bytes[(consumed - before)..];
                _partialLength = 0;
                ReleaseLargeBuffer();
                return bytes;
            }

            bytes = bytes[take..];
            step = (int)Math.Clamp(record.Size - _partialLength, UnknownLengthStep, int.MaxValue);
        }

        return bytes;
    }

    private void AppendPartial(ReadOnlySpan<byte> bytes)
    {
        int length = checked(_partialLength + bytes.Length);
        if (length > _partial.Length)
        {
            // Doubling from what has really arrived, not from what a header announces: a peer cannot make this node
            // allocate more than it sends.
            byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max((long)length, _partial.Length * 2L), Array.MaxLength));
            _partial.AsSpan(0, _partialLength).CopyTo(larger);
            if (_partial.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_partial);
            }

            _partial = larger;
        }

        bytes.CopyTo(_partial.AsSpan(_partialLength));
        _partialLength = length;
    }

    private void ReleaseLargeBuffer()
    {
        if (_partial.Length > 1 << 20)
        {
            ArrayPool<byte>.Shared.Return(_partial);
            _partial = [];
        }
    }
}
