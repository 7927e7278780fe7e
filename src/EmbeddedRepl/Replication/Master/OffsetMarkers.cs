using System.Buffers;

namespace EmbeddedRepl.Replication.Master;

/// <summary>What a marker says; several may stand at one offset.</summary>
[Flags]
internal enum MarkerKinds
{
    None = 0,
    Digest = 1,
    SnapshotEnd = 2,
    HistoryChanged = 4,
    RecoveryEnd = 8,
}

/// <summary>
/// Frames that must stand in the connection exactly at an offset of the stream: digests, the end of a snapshot, a change of
/// id. The stream is sent up to the next marker and not past it. In order of offset, then of arrival.
/// </summary>
internal sealed class OffsetMarkers
{
    private readonly Queue<(long Offset, MarkerKinds Kind, byte[] Frame)> _markers = new();

    public bool IsEmpty => _markers.Count == 0;

    /// <summary>How far the stream may be sent before a marker is due.</summary>
    public long NextOffset => _markers.TryPeek(out (long Offset, MarkerKinds Kind, byte[] Frame) next) ? next.Offset : long.MaxValue;

    /// <param name="offset">Not smaller than that of the marker added before: markers are made at the current end of the stream.</param>
    /// <param name="kind">What it says.</param>
    /// <param name="frame">The whole frame; owned by the queue from here on.</param>
    public void Add(long offset, MarkerKinds kind, byte[] frame) => _markers.Enqueue((offset, kind, frame));

    /// <summary>Writes the markers that stand at <paramref name="position"/>.</summary>
    /// <returns>What was written.</returns>
    /// <exception cref="InvalidOperationException">The stream was sent past one of them, which <see cref="NextOffset"/> is there to prevent.</exception>
    public MarkerKinds Emit(long position, IBufferWriter<byte> output)
    {
        MarkerKinds emitted = MarkerKinds.None;
        while (_markers.TryPeek(out (long Offset, MarkerKinds Kind, byte[] Frame) next) && next.Offset <= position)
        {
            if (next.Offset < position)
            {
                // Its place has gone by: sent here it would be wrong, and kept it would hold up all that come after it.
                throw new InvalidOperationException($"The stream was sent up to offset {position}, past a frame that stands at offset {next.Offset}.");
            }

            output.Write(next.Frame);
            _markers.Dequeue();
            emitted |= next.Kind;
        }

        return emitted;
    }
}
