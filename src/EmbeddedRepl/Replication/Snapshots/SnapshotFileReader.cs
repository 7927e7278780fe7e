using System.Buffers;
using EmbeddedRepl.Persistence;

namespace EmbeddedRepl.Replication.Snapshots;

/// <summary>Reads a snapshot file into a data set, taking the gate for one piece at a time, so that the node answers its peers meanwhile.</summary>
internal sealed class SnapshotFileReader(NodeCore node, SnapshotFolder folder)
{
    // Room for several frames of the largest size, or for the whole file.
    private const int BufferSize = 1 << 20;
    private const int MinBufferSize = 4 << 10;

    private long _bytesRead;
    private long _length;

    /// <summary>How much was read, in percent. Any thread.</summary>
    public double Percent => Volatile.Read(ref _length) is > 0 and long length ? 100.0 * Volatile.Read(ref _bytesRead) / length : 0;

    /// <summary>Bytes of the file.</summary>
    public long Length => Volatile.Read(ref _length);

    /// <summary>Reads the file.</summary>
    /// <param name="now">The present.</param>
    /// <param name="isStopped">Asked between two pieces.</param>
    /// <returns>Null if there is no file.</returns>
    /// <exception cref="SnapshotFileException">It cannot be loaded; nothing of it is held any more.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="isStopped"/> said so.</exception>
    public LoadedSnapshot? Read(Moment now, Func<bool> isStopped)
    {
        try
        {
            using ISnapshotFile? file = folder.OpenRead();
            return file is null ? null : Read(file, now, isStopped);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotFileException(SnapshotFileProblem.Unusable, $"It cannot be read: {exception.Message}", exception);
        }
    }

    private LoadedSnapshot Read(ISnapshotFile file, Moment now, Func<bool> isStopped)
    {
        Volatile.Write(ref _length, file.Length);
        var load = new SnapshotFileLoad(node, now);
        try
        {
            byte[] buffer = new byte[Math.Clamp(file.Length, MinBufferSize, BufferSize)];
            int filled = 0;
            while (true)
            {
                int read = file.Read(buffer.AsSpan(filled));
                filled += read;
                Volatile.Write(ref _bytesRead, _bytesRead + read);
                int taken = Take(load, new ReadOnlySequence<byte>(buffer, 0, filled), isStopped);
                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
                if (read > 0)
                {
                    continue;
                }

                // What is left is less than a piece.
                return filled == 0 ? load.Finish() : throw SnapshotFileSection.Damaged("it is cut off");
            }
        }
        finally
        {
            lock (node.Gate)
            {
                load.Dispose();
            }
        }
    }

    private int Take(SnapshotFileLoad load, ReadOnlySequence<byte> buffer, Func<bool> isStopped)
    {
        long before = buffer.Length;
        bool more;
        do
        {
            if (isStopped())
            {
                throw new OperationCanceledException();
            }

            lock (node.Gate)
            {
                more = load.TryTake(ref buffer);
            }
        }
        while (more);
        return (int)(before - buffer.Length);
    }
}
