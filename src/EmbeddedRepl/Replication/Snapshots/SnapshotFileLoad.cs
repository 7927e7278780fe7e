using System.Buffers;
using System.Diagnostics;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Replica;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication.Snapshots;

/// <summary>
/// The bytes of a snapshot file on their way to a data set: a full sync from nobody. Nothing is served before <see cref="Finish"/> has compared
/// everything. Called under the gate, for one piece at a time.
/// </summary>
internal sealed class SnapshotFileLoad(NodeCore node, Moment now) : IDisposable
{
    private Part _part = Part.Header;
    private SnapshotFileHeader _header;
    private FullSyncLoad? _load;
    private SnapshotFileTrailer _trailer;
    private LoadedSnapshot? _result;

    /// <summary>What the file consists of, in order; what is expected next.</summary>
    private enum Part
    {
        Header,
        Start,
        Content,
        Trailer,
        Nothing,
    }

    /// <summary>Entries loaded so far.</summary>
    public long Entries => _load?.Entries ?? 0;

    /// <summary>About how many there will be.</summary>
    public long EntryEstimate => _load?.EntryEstimate ?? 0;

    /// <summary>Takes the next piece from the front of <paramref name="buffer"/>.</summary>
    /// <returns>False if more bytes are needed.</returns>
    /// <exception cref="SnapshotFileException">The file cannot be loaded.</exception>
    public bool TryTake(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return false;
        }

        try
        {
            return _part switch
            {
                Part.Header => TryTakeHeader(ref buffer),
                Part.Start or Part.Content => TryTakeFrame(ref buffer),
                Part.Trailer => TryTakeTrailer(ref buffer),
                _ => throw SnapshotFileSection.Damaged("there are bytes after its end"),
            };
        }
        catch (ProtocolException exception)
        {
            throw Explain(exception);
        }
        catch (Exception exception) when (exception is StoreFullException or OutOfMemoryException)
        {
            throw new SnapshotFileException(
                SnapshotFileProblem.BeyondLimits, $"It does not fit into the memory of this node: {exception.Message}", exception);
        }
    }

    /// <summary>The file has ended.</summary>
    /// <exception cref="SnapshotFileException">It ended too early.</exception>
    public LoadedSnapshot Finish()
    {
        if (_part != Part.Nothing)
        {
            throw SnapshotFileSection.Damaged(_part == Part.Header ? "it is empty or cut off" : "it is cut off");
        }

        LoadedSnapshot result = _result!;
        _result = null;
        return result;
    }

    /// <summary>Gives everything back that was not handed out.</summary>
    public void Dispose()
    {
        _load?.Dispose();
        _load?.Target.Retire();
        _load = null;
        _result?.Data.Retire();
        _result = null;
    }

    private bool TryTakeHeader(ref ReadOnlySequence<byte> buffer)
    {
        if (!SnapshotFileHeader.TryRead(ref buffer, out _header))
        {
            return false;
        }

        if (_header.CacheName != node.Settings.CacheName)
        {
            throw new SnapshotFileException(
                SnapshotFileProblem.OtherCache,
                $"It belongs to the cache '{_header.CacheName}', and this one is '{node.Settings.CacheName}'. Set CacheName, SnapshotDirectory or SnapshotFileName right.");
        }

        _part = Part.Start;
        return true;
    }

    private bool TryTakeFrame(ref ReadOnlySequence<byte> buffer)
    {
        if (!FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out ReadOnlySequence<byte> payload))
        {
            return false;
        }

        switch (type)
        {
            case FrameType.FullSyncStart when _part == Part.Start:
                _load = new FullSyncLoad(node, FramePayload.Read<FullSyncStartFrame>(payload), now);
                _load.MakeRoom();
                _part = Part.Content;
                break;
            case FrameType.SnapshotChunk when _part == Part.Content:
                _load!.AddSnapshot(SnapshotChunkFrame.Read(payload));
                break;
            case FrameType.StreamChunk when _part == Part.Content:
                _load!.AddStream(StreamChunkFrame.Read(payload));
                break;
            case FrameType.SnapshotEnd when _part == Part.Content:
                if (_load!.FindDifference(FramePayload.Read<SnapshotEndFrame>(payload)) is { } difference)
                {
                    throw SnapshotFileSection.Damaged(difference);
                }

                _part = Part.Trailer;
                break;
            default:
                throw SnapshotFileSection.Damaged($"a {type} frame stands in the wrong place");
        }

        return true;
    }

    private bool TryTakeTrailer(ref ReadOnlySequence<byte> buffer)
    {
        if (!SnapshotFileTrailer.TryRead(ref buffer, out _trailer))
        {
            return false;
        }

        DataSet data = _load!.Target;
        if (_trailer.Id.IsNone || _trailer.EndOffset != data.Offset || _trailer.Entries != data.Store.Count || _trailer.Digest != data.Store.Digest.Sum)
        {
            throw SnapshotFileSection.Damaged("its end does not belong to its content");
        }

        // The id may have changed while the file was written; what counts is what held at the end.
        data.ChangeHistory(new ReplicationHistory(_trailer.Id, _trailer.OriginId, [.. _trailer.Ancestors]));
        _load.Dispose();
        _load = null;
        _result = new LoadedSnapshot(data, _trailer.SavedAt, _trailer.LastMaster);
        _part = Part.Nothing;
        return true;
    }

    private SnapshotFileException Explain(ProtocolException exception)
    {
        Debug.Assert(_part != Part.Nothing, "Nothing is parsed after the end.");
        NodeSettings settings = node.Settings;
        bool mayBeLimits = _part == Part.Content && (_header.MaxKeySize > settings.MaxKeySize || _header.MaxValueSize > settings.MaxValueSize);
        return mayBeLimits
            ? new SnapshotFileException(
                SnapshotFileProblem.BeyondLimits,
                $"It was written with MaxKeySize {_header.MaxKeySize} and MaxValueSize {_header.MaxValueSize}, and this node has {settings.MaxKeySize} and {settings.MaxValueSize}: {exception.Message} Set them as high as they were.",
                exception)
            : SnapshotFileSection.Damaged(exception.Message.TrimEnd('.'), exception);
    }
}
