using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Tests.Contract;

/// <content>Values, keys and copies.</content>
public abstract partial class CacheContractTests
{
    [Fact]
    public void Get_AfterSet_ReturnsTheValue()
    {
        Cache.Set("key", Value, NoExpiration);

        Assert.Equal(Value, Cache.Get("key"));
    }

    [Fact]
    public void Get_MissingKey_ReturnsNull()
    {
        Assert.Null(Cache.Get("missing"));
    }

    [Fact]
    public void Get_AfterRemove_ReturnsNull()
    {
        Cache.Set("key", Value, NoExpiration);
        Cache.Remove("key");

        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public void RemoveAndRefresh_MissingKey_DoNothing()
    {
        Cache.Set("other", Value, NoExpiration);

        Cache.Remove("missing");
        Cache.Refresh("missing");

        Assert.Equal(Value, Cache.Get("other"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a\0b")]
    [InlineData("žluťoučký kůň")]
    [InlineData("日本語")]
    [InlineData("\U0001F600")]
    [InlineData("ключ\r\n")]
    public void Key_OfAnyContent_IsAccepted(string key)
    {
        Cache.Set(key, Value, NoExpiration);

        Assert.Equal(Value, Cache.Get(key));
    }

    [Fact]
    public void Key_LoneSurrogates_AreDifferentKeys()
    {
        Cache.Set("\uD800", [1], NoExpiration);
        Cache.Set("\uDC00", [2], NoExpiration);
        Cache.Set("\uFFFD", [3], NoExpiration);

        Assert.Equal([1], Cache.Get("\uD800"));
        Assert.Equal([2], Cache.Get("\uDC00"));
        Assert.Equal([3], Cache.Get("\uFFFD"));
    }

    [Fact]
    public void Key_OtherCaseOrOtherNormalForm_IsAnotherKey()
    {
        Cache.Set("key", [1], NoExpiration);
        Cache.Set("\u00E9", [2], NoExpiration);

        Assert.Null(Cache.Get("KEY"));
        Assert.Null(Cache.Get("e\u0301"));
    }

    [Fact]
    public void Value_Empty_IsAHit()
    {
        Cache.Set("array", [], NoExpiration);
        Cache.Set("sequence", default(ReadOnlySequence<byte>), NoExpiration);
        var buffer = new ArrayBufferWriter<byte>();

        Assert.Empty(Assert.IsType<byte[]>(Cache.Get("array")));
        Assert.Empty(Assert.IsType<byte[]>(Cache.Get("sequence")));
        Assert.True(Cache.TryGet("sequence", buffer));
        Assert.Equal(0, buffer.WrittenCount);
        Assert.True(Cache.TryGet("array", [], out int written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void TryGet_Hit_AppendsToTheWriter()
    {
        Cache.Set("key", Value, NoExpiration);
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Write<byte>([9]);

        Assert.True(Cache.TryGet("key", buffer));

        Assert.Equal([9, 1, 2, 3, 4, 5], buffer.WrittenSpan.ToArray());
    }

    [Fact]
    public void TryGet_Miss_WritesNothing()
    {
        Span<byte> span = [7, 7];

        Assert.False(Cache.TryGet("missing", new UntouchableWriter()));
        Assert.False(Cache.TryGet("missing", span, out int written));
        Assert.Equal(0, written);
        Assert.Equal([7, 7], span.ToArray());
    }

    [Fact]
    public void TryGet_Span_CopiesAndTellsTheLength()
    {
        Cache.Set("key", Value, NoExpiration);
        byte[] exact = new byte[Value.Length];
        byte[] larger = new byte[Value.Length + 3];

        Assert.True(Cache.TryGet("key", exact, out int writtenExact));
        Assert.True(Cache.TryGet("key", larger, out int writtenLarger));

        Assert.Equal(Value, exact);
        Assert.Equal(Value.Length, writtenExact);
        Assert.Equal(Value, larger[..writtenLarger]);
    }

    [Fact]
    public void TryGet_SpanTooSmall_ThrowsForTheDestination()
    {
        Cache.Set("key", Value, NoExpiration);

        ArgumentException error = Assert.Throws<ArgumentException>(() => Cache.TryGet("key", new byte[Value.Length - 1], out _));

        Assert.Equal("destination", error.ParamName);
    }

    [Fact]
    public void Set_ThenChangingTheArray_LeavesTheCacheAsItWas()
    {
        byte[] array = [1, 2, 3];
        Cache.Set("array", array, NoExpiration);
        Cache.Set("sequence", new ReadOnlySequence<byte>(array), NoExpiration);
        Cache.SetMany([new("many", array)], NoExpiration);

        array[0] = 99;

        Assert.Equal([1, 2, 3], Cache.Get("array"));
        Assert.Equal([1, 2, 3], Cache.Get("sequence"));
        Assert.Equal([1, 2, 3], Cache.Get("many"));
    }

    [Fact]
    public void Get_ThenChangingTheArray_LeavesTheCacheAsItWas()
    {
        Cache.Set("key", [1, 2, 3], NoExpiration);

        Cache.Get("key")![0] = 99;

        Assert.Equal([1, 2, 3], Cache.Get("key"));
    }

    [Fact]
    public void Set_SegmentedAndPaddedSequence_StoresExactlyItsBytes()
    {
        Cache.Set("segments", Segments([1, 2], [], [3], [4, 5]), NoExpiration);
        Cache.Set("one", Segments([6, 7]), NoExpiration);

        Assert.Equal([1, 2, 3, 4, 5], Cache.Get("segments"));
        Assert.Equal([6, 7], Cache.Get("one"));
    }

    [Fact]
    public void Set_SequenceNotBackedByAnArray_StoresItsBytes()
    {
        HiddenMemory hidden = new(Value);

        Cache.Set("key", new ReadOnlySequence<byte>(hidden.Memory), NoExpiration);

        Assert.Equal(Value, Cache.Get("key"));
    }

    [Fact]
    public void Set_LargeValue_RoundTrips()
    {
        byte[] large = new byte[3 << 20];
        new Random(1).NextBytes(large);

        Cache.Set("large", large, NoExpiration);

        Assert.Equal(large, Cache.Get("large"));
    }

    [Fact]
    public void SetMany_EqualKeys_TheLastWins()
    {
        Cache.SetMany([new("a", new byte[] { 1 }), new("b", new byte[] { 2 }), new("a", new byte[] { 3 })], NoExpiration);

        Assert.Equal([3], Cache.Get("a"));
        Assert.Equal([2], Cache.Get("b"));
    }

    [Fact]
    public void SetMany_NoEntries_ChangesNothing()
    {
        Cache.SetMany([], NoExpiration);

        Assert.Null(Cache.Get("key"));
    }

    [Fact]
    public void Clear_RemovesEverything()
    {
        Cache.Set("a", Value, NoExpiration);
        Cache.Set("b", Value, Sliding(TimeSpan.FromMinutes(1)));

        Cache.Clear();

        Assert.Null(Cache.Get("a"));
        Assert.Null(Cache.Get("b"));
    }

    private sealed class UntouchableWriter : IBufferWriter<byte>
    {
        public void Advance(int count) => throw new InvalidOperationException("A miss must write nothing.");

        public Memory<byte> GetMemory(int sizeHint = 0) => throw new InvalidOperationException("A miss must write nothing.");

        public Span<byte> GetSpan(int sizeHint = 0) => throw new InvalidOperationException("A miss must write nothing.");
    }
}
