using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Random work on a stream, compared with a plain copy of everything that was ever appended.</summary>
public sealed class StreamLogModelTests
{
    private const int Block = 64;

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 100, 0)]
    [InlineData(3, 1_000, 5_000_000_000)]
    [InlineData(4, 0, 77)]
    [InlineData(5, Block, 1)]
    public void RandomWork_Always_ReadsWhatWasAppendedWithinBoundedMemory(int seed, int backlog, long start)
    {
        var model = new Model(new Random(seed), backlog, start);
        for (int i = 0; i < 20_000; i++)
        {
            model.Step();
            model.Check();
        }

        model.ReadEverything();
        Assert.True(model.BytesRead > 100_000);
    }

    private sealed class Model(Random random, int backlog, long start)
    {
        private readonly StreamLog _log = new(start, backlog, isKept: true, new StreamBlockPool(Block, 20));
        private readonly List<byte> _all = [];
        private readonly List<StreamCursor> _cursors = [];
        private readonly List<StreamLease> _leases = [];
        private long _windowLimit;

        public long BytesRead { get; private set; }

        public void Step()
        {
            switch (random.Next(100))
            {
                case < 30:
                    Append(random.Next(10) == 0 ? random.Next(12 * Block) : random.Next(20));
                    break;
                case < 35 when _cursors.Count < 10:
                    _cursors.Add(_log.OpenCursor(random.NextInt64(_log.FirstOffset, _log.EndOffset + 1)));
                    break;
                case < 70 when _cursors.Count > 0:
                    Lease(_cursors[random.Next(_cursors.Count)]);
                    break;
                case < 93 when _leases.Count > 0:
                    Release(random.Next(_leases.Count));
                    break;
                case < 96 when _cursors.Count > 0:
                    int closed = random.Next(_cursors.Count);
                    _cursors[closed].Close();
                    _cursors.RemoveAt(closed);
                    break;
                case 99 when random.Next(5) == 0:
                    _log.ReleaseBacklog();
                    _windowLimit = _log.EndOffset;
                    break;
            }
        }

        public void Check()
        {
            long end = start + _all.Count;
            Assert.Equal(end, _log.EndOffset);

            long window = Math.Max(start, Math.Max(end - backlog, _windowLimit));
            long needed = _cursors.Select(cursor => cursor.Position).Append(window).Min();
            Assert.InRange(_log.FirstOffset, start, needed);

            long pinned = _leases.Select(lease => lease.StartOffset).Append(needed).Min();
            Assert.InRange(_log.RetainedBytes, 0, end - pinned + (2 * Block));
        }

        public void ReadEverything()
        {
            StreamCursor cursor = _log.OpenCursor(_log.FirstOffset);
            while (cursor.PendingBytes > 0)
            {
                Lease(cursor);
            }

            while (_leases.Count > 0)
            {
                Release(0);
            }
        }

        private void Append(int count)
        {
            byte[] bytes = new byte[count];
            random.NextBytes(bytes);
            if (random.Next(2) == 0)
            {
                _log.Reserve(count + random.Next(3 * Block));
            }

            int cut = random.Next(count + 1);
            _log.Append(bytes.AsSpan(0, cut));
            _log.Append(bytes.AsSpan(cut));
            _all.AddRange(bytes);
            _log.Trim();
        }

        private void Lease(StreamCursor cursor)
        {
            long limit = random.Next(3) == 0 ? cursor.Position + random.Next(50) : long.MaxValue;
            long position = cursor.Position;
            long available = Math.Min(limit, _log.EndOffset) - position;
            Assert.Equal(available > 0, cursor.TryLease(1 + random.Next(2 * Block), limit, out StreamLease lease));
            if (available > 0)
            {
                Assert.Equal(position, lease.StartOffset);
                Assert.InRange(lease.Bytes.Length, 1, available);
                _leases.Add(lease);
            }
        }

        private void Release(int index)
        {
            StreamLease lease = _leases[index];
            _leases.RemoveAt(index);
            int first = (int)(lease.StartOffset - start);
            Assert.Equal(_all.GetRange(first, lease.Bytes.Length), lease.Bytes.ToArray());
            BytesRead += lease.Bytes.Length;
            lease.Release();
        }
    }
}
