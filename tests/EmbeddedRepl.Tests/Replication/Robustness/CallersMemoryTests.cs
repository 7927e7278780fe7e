using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Replication.Robustness;

/// <summary>A value is the caller's memory until the call returns, and the caller may not keep his hands off it.</summary>
public sealed class CallersMemoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Set_ValueChangesWhileItIsWritten_StreamSaysWhatTheStoreHolds(bool isSegmented)
    {
        NodeCore core = LinkedCores.NewMaster();
        StreamCursor cursor = core.Data.Log.OpenCursor(0);
        using var memory = new RestlessMemory(100, failsAt: int.MaxValue);

        core.Set(core.Data.Store.MakeKey("k"u8), Sequence(memory, isSegmented), EntryExpiration.None);

        Assert.True(cursor.TryLease(int.MaxValue, long.MaxValue, out StreamLease lease));
        Assert.True(RecordReader.TryRead(lease.Bytes.Span, new RecordLimits(100, 1000), out EmbeddedRepl.Protocol.Record record, out int consumed));
        Assert.Equal(core.Data.Offset, consumed);
        core.Data.Store.Get("k", out byte[]? stored);
        Assert.Equal(stored, record.Value.ToArray());
        lease.Release();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Set_ValueCannotBeReadToItsEnd_EitherAllOrNothingHappens(bool isSegmented)
    {
        for (int failsAt = 1; failsAt < 8; failsAt++)
        {
            NodeCore core = LinkedCores.NewMaster();
            using var memory = new RestlessMemory(100, failsAt);
            bool done = true;
            try
            {
                core.Set(core.Data.Store.MakeKey("k"u8), Sequence(memory, isSegmented), EntryExpiration.None);
            }
            catch (InvalidOperationException)
            {
                done = false;
            }

            Assert.Equal(done ? 1 : 0, core.Data.Store.Count);
            Assert.Equal(done, core.Data.Offset > 100);
            Assert.Equal(!done, core.Data.Offset == 0);
        }
    }

    private static ReadOnlySequence<byte> Sequence(RestlessMemory memory, bool isSegmented)
    {
        if (!isSegmented)
        {
            return new ReadOnlySequence<byte>(memory.Memory);
        }

        var first = new Segment(memory.Memory[..40], null);
        var last = new Segment(memory.Memory[40..], first);
        return new ReadOnlySequence<byte>(first, 0, last, 60);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }

    /// <summary>Shows something else each time it is looked at, and nothing more from some time on.</summary>
    private sealed class RestlessMemory(int length, int failsAt) : MemoryManager<byte>
    {
        private readonly byte[] _bytes = new byte[length];
        private int _looks;

        public override Memory<byte> Memory => CreateMemory(length);

        public override Span<byte> GetSpan()
        {
            if (++_looks >= failsAt)
            {
                throw new InvalidOperationException("The memory is gone.");
            }

            Array.Fill(_bytes, (byte)_looks);
            return _bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
