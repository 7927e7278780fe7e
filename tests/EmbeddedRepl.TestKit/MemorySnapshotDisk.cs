using EmbeddedRepl.Persistence;

namespace EmbeddedRepl.TestKit;

/// <summary>
/// A disk in memory that runs full, refuses, and loses what was not flushed when the machine crashes. Each call of it is an operation that can be made the
/// last one before a crash. One disk outlives the nodes that use it.
/// </summary>
internal sealed class MemorySnapshotDisk : ISnapshotDisk
{
    private Dictionary<string, MemoryFile> _files = [];
    private Dictionary<string, MemoryFile> _durable = [];
    private readonly HashSet<string> _locks = [];
    private readonly Lock _lock = new();

    /// <summary>How many calls there were.</summary>
    public int Operations { get; private set; }

    /// <summary>From this call on every one fails: the machine is about to crash, or the disk was pulled.</summary>
    public int FailsFrom { get; set; } = int.MaxValue;

    /// <summary>Bytes that all files may have together.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    public IReadOnlyCollection<string> Names => _files.Keys;

    public byte[] this[string name]
    {
        get => [.. _files[name].Bytes];
        set
        {
            _files[name] = new MemoryFile { Bytes = [.. value], Flushed = value.Length };
            _durable = new(_files);
        }
    }

    /// <summary>Bytes of a file.</summary>
    public int SizeOf(string name) => _files[name].Bytes.Count;

    /// <summary>The most that one call reads, as a disk may return less than was asked for.</summary>
    public int LongestRead { get; set; } = int.MaxValue;

    public string Describe(string name) => "memory:" + name;

    public IDisposable? TryLock(string name)
    {
        Count();
        return _locks.Add(name) ? new Held(() => _locks.Remove(name)) : null;
    }

    public IReadOnlyList<string> List()
    {
        Count();
        return [.. _files.Keys];
    }

    public ISnapshotFile? OpenRead(string name)
    {
        Count();
        return _files.TryGetValue(name, out MemoryFile? file) ? new OpenFile(this, file) : null;
    }

    public ISnapshotFile Create(string name)
    {
        Count();
        return new OpenFile(this, _files[name] = new MemoryFile());
    }

    public void Rename(string from, string to)
    {
        Count();
        _files.Remove(from, out MemoryFile? file);
        _files[to] = file ?? throw new FileNotFoundException(from);
    }

    public void Delete(string name)
    {
        Count();
        _files.Remove(name);
    }

    public void FlushDirectory()
    {
        Count();
        _durable = new(_files);
    }

    /// <summary>
    /// The machine goes down and comes up again. A name that was not flushed may be the old or the new one, and of bytes that were not flushed any
    /// part may be there, the rest cut off or zero.
    /// </summary>
    public void Crash(Random random)
    {
        Dictionary<string, MemoryFile> names = random.Next(2) == 0 ? _durable : _files;
        Dictionary<string, MemoryFile> left = [];
        foreach ((string name, MemoryFile file) in names)
        {
            int length = random.Next(file.Flushed, file.Bytes.Count + 1);
            int kept = random.Next(file.Flushed, length + 1);
            byte[] bytes = new byte[length];
            file.Bytes[..kept].CopyTo(bytes);
            left[name] = new MemoryFile { Bytes = [.. bytes], Flushed = length };
        }

        _files = left;
        _durable = new(left);
        _locks.Clear();
        FailsFrom = int.MaxValue;
    }

    private void Count()
    {
        lock (_lock)
        {
            if (++Operations >= FailsFrom)
            {
                throw new IOException("The disk is gone.");
            }
        }
    }

    private sealed class MemoryFile
    {
        public List<byte> Bytes { get; init; } = [];

        public int Flushed { get; set; }
    }

    private sealed class OpenFile(MemorySnapshotDisk disk, MemoryFile file) : ISnapshotFile
    {
        private int _position;

        public long Length => file.Bytes.Count;

        public int Read(Span<byte> destination)
        {
            disk.Count();
            int count = Math.Min(Math.Min(destination.Length, disk.LongestRead), file.Bytes.Count - _position);
            file.Bytes.GetRange(_position, count).ToArray().CopyTo(destination);
            _position += count;
            return count;
        }

        public void Append(ReadOnlySpan<byte> bytes)
        {
            disk.Count();
            int room = (int)Math.Clamp(disk.Capacity - disk._files.Values.Sum(other => (long)other.Bytes.Count), 0, bytes.Length);
            file.Bytes.AddRange(bytes[..room]);
            if (room < bytes.Length)
            {
                throw new IOException("No space left on device.");
            }
        }

        public void Flush()
        {
            disk.Count();
            file.Flushed = file.Bytes.Count;
        }

        public void Dispose()
        {
        }
    }

    private sealed class Held(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
