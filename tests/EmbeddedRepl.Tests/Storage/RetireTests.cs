using System.Buffers;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class RetireTests
{
    private readonly StoreFixture _fixture = new();

    [Fact]
    public void Reads_AfterRetire_SayRetired()
    {
        _fixture.Set("key", [1]);
        Retire();

        Assert.Equal(ReadOutcome.Retired, _fixture.Store.TryGet("key", new byte[10], out int written));
        Assert.Equal(0, written);
        Assert.Equal(ReadOutcome.Retired, _fixture.Store.TryGet("key", new ArrayBufferWriter<byte>()));
        Assert.Equal(ReadOutcome.Retired, _fixture.Store.Get("key", out byte[]? value));
        Assert.Null(value);
        Assert.Equal(ReadOutcome.Retired, _fixture.Store.Touch("no key"));
        Assert.Equal(0, _fixture.Store.Count);
    }

    [Fact]
    public void Writes_AfterRetire_Throw()
    {
        Retire();
        Retire();

        Assert.Throws<InvalidOperationException>(() => _fixture.Set("key", [1]));
        Assert.Throws<InvalidOperationException>(() => _fixture.Remove("key"));
        Assert.Throws<InvalidOperationException>(_fixture.Clear);
    }

    [Fact]
    public void Get_ReadUnderWayWhileTheStoreIsRetired_SaysRetired()
    {
        // The retired store's memory is at once filled by another store from the same pool.
        SegmentPool pool = new();
        StoreFixture old = new(pool: pool);
        for (int i = 0; i < 20_000; i++)
        {
            old.Set($"usual-key-{i}", CheckedValue.Create(i, 1, 100));
        }

        StoreFixture next = new(pool: pool, seed: new StoreSeed(5, 6));
        RetiringWriter writer = new(() =>
        {
            lock (old.Gate)
            {
                old.Store.Retire();
            }

            for (int i = 0; i < 20_000; i++)
            {
                next.Set($"usual-key-{i}", CheckedValue.Create(i, 2, 100));
            }
        });

        Assert.Equal(ReadOutcome.Retired, old.Store.TryGet("usual-key-77", writer));
        Assert.Equal(0, writer.Written);
        Assert.Equal(2, CheckedValue.Verify(77, next.Get("usual-key-77")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Find_DataReplacedBeforeTheGenerationIsLoaded_FollowsNothingOfTheNextOwner(bool clear)
    {
        // The reader has found the data and is held up; all stripes are bumped already when it goes on, so nothing tells it of what happens to the memory.
        SegmentPool pool = new();
        StoreFixture old = new(pool: pool);
        old.Set("usual-key", CheckedValue.Create(1, 1, 100));
        StoreData data = old.Store.Data;
        StoreKey key = old.Store.MakeKey(StoreFixture.Encode("usual-key"));
        lock (old.Gate)
        {
            if (clear)
            {
                old.Store.Clear();
            }
            else
            {
                old.Store.Retire();
            }
        }

        // Another store of the same seed takes the memory, and its blocks are those of the old one.
        StoreFixture next = new(pool: pool);
        next.Set("usual-key", CheckedValue.Create(1, 2, 100));

        ref long generation = ref data.Generations.Of(key.Hash);
        Assert.NotEqual(FindResult.Found, data.Find(key, ref generation, Volatile.Read(ref generation), isUse: true, isLikelyCounted: false, out _));
        Assert.Null(data.Segments.Find(EntryAddress.SegmentOf(data.Index.FindLikely(key.Hash))));
    }

    [Fact]
    [Trait("Behaviour", "A12")]
    public void Clear_ReadUnderWay_Misses()
    {
        _fixture.Set("key", [1]);
        RetiringWriter writer = new(_fixture.Clear);

        Assert.Equal(ReadOutcome.Miss, _fixture.Store.TryGet("key", writer));
        Assert.Equal(0, writer.Written);
        Assert.True(_fixture.Store.IsEmpty);
        Assert.Equal(default, _fixture.Digest);
    }

    [Fact]
    public void Get_KeyOverwrittenOnEveryAttempt_IsReadUnderTheGateAfterABoundedNumber()
    {
        _fixture.Set("key", CheckedValue.Create(1, 0, 100));
        int attempts = 0;
        RetiringWriter writer = new(() =>
        {
            if (!_fixture.Gate.IsHeldByCurrentThread)
            {
                attempts++;
                _fixture.Set("key", CheckedValue.Create(1, attempts, 100));
            }
        });

        Assert.Equal(ReadOutcome.Hit, _fixture.Store.TryGet("key", writer));
        Assert.Equal(StoreLimits.MaxOptimisticReads, attempts);
        Assert.Equal(1, _fixture.Store.GatedReads);
        Assert.Equal(attempts, CheckedValue.Verify(1, writer.Memory.Span[..writer.Written]));
    }

    [Fact]
    public void Get_LargeValueOverwrittenDuringTheRead_IsHandedOutAsItWas()
    {
        // An array of its own is never reused, so a long copy need not start over whenever something else in its stripe changes.
        _fixture.Set("key", CheckedValue.Create(1, 1, 1 << 20));
        RetiringWriter writer = new(() => _fixture.Set("key", CheckedValue.Create(1, 2, 1 << 20)));

        Assert.Equal(ReadOutcome.Hit, _fixture.Store.TryGet("key", writer));
        Assert.Equal(1, CheckedValue.Verify(1, writer.Memory.Span[..writer.Written]));
        Assert.Equal(2, CheckedValue.Verify(1, _fixture.Get("key")));
    }

    [Fact]
    public void Clear_PoolOfTwoStores_StaysWithinItsBound()
    {
        SegmentPool pool = new(10 << 20);
        for (int round = 0; round < 5; round++)
        {
            StoreFixture fixture = new(pool: pool);
            for (int i = 0; i < 2_000; i++)
            {
                fixture.Set($"usual-key-{i}", new byte[10_000]);
            }

            fixture.Clear();
            Assert.InRange(pool.RetainedBytes, 4 << 20, 10 << 20);
        }
    }

    private void Retire()
    {
        lock (_fixture.Gate)
        {
            _fixture.Store.Retire();
        }
    }

    /// <summary>A writer during whose <c>GetSpan</c>, in the middle of a read, something happens.</summary>
    private sealed class RetiringWriter(Action duringTheRead) : IBufferWriter<byte>
    {
        private readonly byte[] _buffer = new byte[2 << 20];

        public int Written { get; private set; }

        public Memory<byte> Memory => _buffer;

        public void Advance(int count) => Written += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

        public Span<byte> GetSpan(int sizeHint = 0)
        {
            duringTheRead();
            return _buffer;
        }
    }
}
