using System.Buffers;
using EmbeddedRepl.Persistence;

namespace EmbeddedRepl.Replication.Snapshots;

/// <summary>How far a save is after a step.</summary>
internal enum SaveProgress
{
    /// <summary>Another step can be made at once.</summary>
    Goes,

    /// <summary>Its end may not be chosen yet.</summary>
    Waits,

    /// <summary>The file is in its place.</summary>
    Done,

    /// <summary>The recording was given up; see <see cref="SnapshotRecording.AbandonedFor"/>.</summary>
    Abandoned,
}

/// <summary>
/// One save: a recording, written aside step by step, then put in the place of the previous file. Driven by one loop outside of the gate. Whoever
/// gets an exception or <see cref="SaveProgress.Abandoned"/> from a step calls <see cref="Discard"/>.
/// </summary>
internal sealed class SnapshotSave
{
    private readonly NodeCore _node;
    private readonly SnapshotFolder _folder;
    private readonly ISnapshotFile _file;
    private readonly ArrayBufferWriter<byte> _output;

    /// <param name="node">What is saved.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="prepared">A recording that was begun already; null begins one now.</param>
    /// <param name="now">The present.</param>
    /// <exception cref="IOException">The file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be created.</exception>
    public SnapshotSave(NodeCore node, SnapshotFolder folder, SnapshotRecording? prepared, Moment now)
    {
        _node = node;
        _folder = folder;
        StartedAt = now.Milliseconds;
        _file = folder.CreateAside();
        _output = new ArrayBufferWriter<byte>(node.Settings.ChunkSize + 1024);
        try
        {
            lock (node.Gate)
            {
                Recording = prepared ?? new SnapshotRecording(node);
            }
        }
        catch
        {
            // Nobody gets this object, so nobody else could let go of the file.
            folder.Discard(_file);
            throw;
        }

        Recording.WriteStart(_output);
    }

    public SnapshotRecording Recording { get; }

    public long StartedAt { get; }

    /// <summary>Bytes written so far.</summary>
    public long Bytes { get; private set; }

    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The disk refuses.</exception>
    public SaveProgress Step(Moment now)
    {
        SendWork work;
        lock (_node.Gate)
        {
            work = Recording.NextWork(_output, now);
        }

        if (work.Kind == SendKind.Close)
        {
            if (Recording.AbandonedFor is not null)
            {
                return SaveProgress.Abandoned;
            }

            _folder.Commit(_file);
            return SaveProgress.Done;
        }

        try
        {
            Recording.Encode(work, _output);
            _file.Append(_output.WrittenSpan);
            Bytes += _output.WrittenCount;
            _output.ResetWrittenCount();
        }
        finally
        {
            // Always, also when the disk refused: the piece of the stream that was being written must not stay pinned.
            if (work.Kind == SendKind.Stream)
            {
                lock (_node.Gate)
                {
                    work.Lease.Release();
                }
            }
        }

        return work.Kind == SendKind.Wait ? SaveProgress.Waits : SaveProgress.Goes;
    }

    /// <summary>Gives the save up. The previous file was never touched.</summary>
    public void Discard(string reason)
    {
        lock (_node.Gate)
        {
            Recording.Abandon(reason);
        }

        _folder.Discard(_file);
    }
}
