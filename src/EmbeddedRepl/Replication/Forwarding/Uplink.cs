using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Replication.Forwarding;

/// <summary>
/// What waits to be sent up over the present link, in order: requests of this node's own callers, cut into frames as they go, and frames from below that
/// are passed on. It ends with the link: nothing of it is ever sent over another one. Under the gate.
/// </summary>
internal sealed class Uplink(NodeCore node)
{
    /// <summary>Bytes of operations in one frame: it has to fit into <see cref="FrameLimits.Control"/>, with its header.</summary>
    public const int PieceSize = 32 * 1024;

    private readonly Queue<Item> _items = new();

    /// <summary>Bytes of frames from below that wait.</summary>
    public long RelayedBytes { get; private set; }

    public bool IsEmpty => _items.Count == 0;

    /// <summary>Whether another frame from below may wait: always if none does, so that one of any size gets through.</summary>
    public bool HasRoomFor(long bytes) => RelayedBytes == 0 || RelayedBytes + bytes <= node.Settings.ForwardBufferSize;

    /// <summary>Takes a request of this node's own.</summary>
    /// <param name="write">The request.</param>
    /// <param name="session">The session that it belongs to.</param>
    /// <param name="wakes">Whether to wake whoever sends.</param>
    public void Add(ForwardedWrite write, long session, bool wakes)
    {
        _items.Enqueue(new Item { Own = write, Originator = node.RunId, Session = session, Number = write.Number });
        if (wakes)
        {
            Wake();
        }
    }

    /// <summary>Takes a frame from below; its bytes are copied.</summary>
    public void Add(in WriteRequestFrame frame)
    {
        int length = (int)frame.Operations.Length;
        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        frame.Operations.CopyTo(copy);
        _items.Enqueue(new Item
        {
            Bytes = copy,
            Length = length,
            IsLast = frame.IsLast,
            Originator = frame.Originator,
            Session = frame.Session,
            Number = frame.RequestNumber,
        });
        RelayedBytes += length;
        Wake();
    }

    /// <summary>Writes frames, as many as fit well into one send.</summary>
    /// <returns>Whether there were any.</returns>
    public bool Write(IBufferWriter<byte> output, int budget)
    {
        bool wrote = false;
        while (budget > 0 && _items.TryPeek(out Item? item))
        {
            if (item.Own is not { } own)
            {
                Write(output, item, new ReadOnlySequence<byte>(item.Bytes!, 0, item.Length), item.IsLast);
                budget -= item.Length;
                Release(_items.Dequeue());
            }
            else if (own.State == ForwardedWriteState.Ended && own.SentBytes == 0)
            {
                // The caller gave up, or its time was over, before anything left: then nothing does.
                Release(_items.Dequeue());
                node.Forwarder.Dropped(own);
                continue;
            }
            else
            {
                ReadOnlyMemory<byte> piece = own.TakePiece(PieceSize);
                Write(output, item, new ReadOnlySequence<byte>(piece), own.IsSentWhole);
                budget -= piece.Length;
                if (own.IsSentWhole)
                {
                    Release(_items.Dequeue());
                }
            }

            wrote = true;
        }

        return wrote;
    }

    /// <summary>The link is over, and with it what waited for it.</summary>
    public void Clear()
    {
        while (_items.TryDequeue(out Item? item))
        {
            Release(item);
        }
    }

    private static void Write(IBufferWriter<byte> output, Item item, in ReadOnlySequence<byte> operations, bool isLast) =>
        FrameWriter.Write(output, new WriteRequestFrame(item.Originator, item.Session, item.Number, isLast, operations));

    private void Release(Item item)
    {
        item.Own?.ReleaseBytes();
        if (item.Bytes is { } bytes)
        {
            RelayedBytes -= item.Length;
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private void Wake() => node.Upstream?.Link?.Signal.Set();

    private sealed class Item
    {
        /// <summary>A request of this node's own; otherwise it is a frame from below.</summary>
        public ForwardedWrite? Own { get; init; }

        public byte[]? Bytes { get; init; }

        public int Length { get; init; }

        public bool IsLast { get; init; }

        public required RunId Originator { get; init; }

        public required long Session { get; init; }

        public required long Number { get; init; }
    }
}
