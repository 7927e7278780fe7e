using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.TestKit;
using Record = EmbeddedRepl.Protocol.Record;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class RecordReaderTests
{
    private static readonly byte[] Next = [0x92, 0x02, 0xc4];

    [Theory]
    [MemberData(nameof(RecordSamples.Names), MemberType = typeof(RecordSamples))]
    public void Record_Whole_IsReadAsItWasWritten(string name)
    {
        RecordSample sample = RecordSamples.Get(name);

        Assert.True(RecordReader.TryRead([.. sample.Bytes, .. Next], RecordSamples.Limits, out Record record, out int consumed));

        Assert.Equal(sample.Kind, record.Kind);
        Assert.Equal(sample.Fields, RecordSamples.Print(record, record.Value));
        Assert.Equal(sample.Bytes.Length, consumed);
        Assert.Equal(sample.Bytes.Length, record.Size);
        Assert.Equal(sample.Bytes.Length, sample.Size);
    }

    [Theory]
    [MemberData(nameof(RecordSamples.Names), MemberType = typeof(RecordSamples))]
    public void Record_CutAtAnyByte_NeedsMoreAndSaysHowMuchAtLeast(string name)
    {
        RecordSample sample = RecordSamples.Get(name);
        int step = sample.Bytes.Length < 1000 ? 1 : 997;
        for (int length = 0; length < sample.Bytes.Length; length += step)
        {
            Assert.False(RecordReader.TryRead(sample.Bytes.AsSpan(0, length), RecordSamples.Limits, out Record record, out int consumed));
            Assert.Equal(0, consumed);
            Assert.InRange(record.Size, length + 1, sample.Bytes.Length);
        }
    }

    [Theory]
    [MemberData(nameof(RecordSamples.Names), MemberType = typeof(RecordSamples))]
    public void Record_WithoutItsLastByteOfValue_KnowsItsSize(string name)
    {
        RecordSample sample = RecordSamples.Get(name);

        Assert.False(RecordReader.TryRead(sample.Bytes.AsSpan(0, sample.Bytes.Length - 1), RecordSamples.Limits, out Record record, out _));

        Assert.Equal(sample.Bytes.Length, record.Size);
    }

    [Theory]
    [MemberData(nameof(RecordSamples.NamesOfShort), MemberType = typeof(RecordSamples))]
    public void Record_InAnySegments_IsReadAsItWasWritten(string name)
    {
        RecordSample sample = RecordSamples.Get(name);
        byte[] scratch = new byte[RecordEncoder.MaxPrefixSize(RecordSamples.Limits.MaxKeySize)];
        foreach (ReadOnlySequence<byte> variant in Sequences.Variants([.. sample.Bytes, .. Next]))
        {
            Assert.True(RecordReader.TryRead(variant, scratch, RecordSamples.Limits, out Record record, out ReadOnlySequence<byte> value, out long consumed));
            Assert.Equal(sample.Fields, RecordSamples.Print(record, value.ToArray()));
            Assert.Equal(sample.Bytes.Length, consumed);
        }
    }

    [Theory]
    [MemberData(nameof(RecordSamples.NamesOfShort), MemberType = typeof(RecordSamples))]
    public void Record_InSegmentsAndCutAtAnyByte_NeedsMore(string name)
    {
        RecordSample sample = RecordSamples.Get(name);
        byte[] scratch = new byte[RecordEncoder.MaxPrefixSize(RecordSamples.Limits.MaxKeySize)];
        for (int length = 0; length < sample.Bytes.Length; length++)
        {
            byte[] cut = sample.Bytes[..length];
            foreach (ReadOnlySequence<byte> variant in new[] { new ReadOnlySequence<byte>(cut), Sequences.Cut(cut, length / 2), Sequences.OneByteEach(cut) })
            {
                Assert.False(RecordReader.TryRead(variant, scratch, RecordSamples.Limits, out Record record, out _, out long consumed));
                Assert.Equal(0, consumed);
                Assert.InRange(record.Size, length + 1, sample.Bytes.Length);
            }
        }
    }

    [Fact]
    public void Scratch_SmallerThanAPrefixMayBe_IsRefused()
    {
        ReadOnlySequence<byte> bytes = new(RecordSamples.Get("set").Bytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => RecordReader.TryRead(bytes, new byte[10], RecordSamples.Limits, out _, out _, out _));
    }

    [Theory]
    [InlineData("93 01 c4 04", "the length of a key of 4 bytes")]
    [InlineData("93 01 c5 01 00", "the length of a key of 256 bytes")]
    [InlineData("93 01 c6 ff ff ff ff", "the length of a key of 4 GiB")]
    [InlineData("93 01 c4 01 61 c4 09", "the length of a value of 9 bytes")]
    [InlineData("93 01 c4 01 61 c6 80 00 00 00", "the length of a value of 2 GiB")]
    [InlineData("95 05 c4 01 61 01 02 c4 09", "the length of an entry's value of 9 bytes")]
    public void Length_BeyondTheLimit_IsRefusedAtItsLastByteAndNotBefore(string hex, string because)
    {
        byte[] bytes = Bytes(hex);
        RecordLimits limits = new(3, 8);

        Assert.False(RecordReader.TryRead(bytes.AsSpan(0, bytes.Length - 1), limits, out _, out _), because);
        Assert.Throws<ProtocolException>(() => RecordReader.TryRead(bytes, limits, out _, out _));
    }

    [Fact]
    public void Lengths_AtTheLimit_AreAdmitted()
    {
        Assert.True(RecordReader.TryRead(RecordSamples.Get("set").Bytes, new RecordLimits(3, 5), out _, out _));
        Assert.Throws<ProtocolException>(() => RecordReader.TryRead(RecordSamples.Get("set").Bytes, new RecordLimits(2, 5), out _, out _));
        Assert.Throws<ProtocolException>(() => RecordReader.TryRead(RecordSamples.Get("set").Bytes, new RecordLimits(3, 4), out _, out _));
    }

    [Theory]
    [InlineData("80", "a map")]
    [InlineData("01", "a number")]
    [InlineData("dc 00 03", "a long array")]
    [InlineData("90", "no kind", true)]
    [InlineData("91 00", "kind 0")]
    [InlineData("92 06", "kind 6")]
    [InlineData("92 cd 01 01", "kind 257, whose low byte is a known kind")]
    [InlineData("91 ff", "kind -1")]
    [InlineData("91 c0", "no number as kind")]
    [InlineData("92 01", "a set of 2")]
    [InlineData("95 01", "a set of 5")]
    [InlineData("97 01", "a set of 7")]
    [InlineData("91 02", "a remove of 1")]
    [InlineData("93 02", "a remove of 3")]
    [InlineData("93 03", "a touch of 3")]
    [InlineData("92 04", "a clear of 2")]
    [InlineData("93 05", "an entry of 3")]
    [InlineData("96 05", "an entry of 6")]
    [InlineData("97 05", "an entry of 7")]
    [InlineData("92 02 a1 61", "a key that is text")]
    [InlineData("92 02 c0", "a key that is nil")]
    [InlineData("94 03 c4 01 61 ff", "a version of -1")]
    [InlineData("94 03 c4 01 61 d0 80", "a version of -128")]
    [InlineData("94 03 c4 01 61 01 d1 80 00", "a deadline of -32768")]
    [InlineData("94 03 c4 01 61 01 d2 80 00 00 00", "a deadline of -2^31")]
    [InlineData("94 03 c4 01 61 01 d3 80 00 00 00 00 00 00 00", "a deadline of -2^63")]
    [InlineData("94 03 c4 01 61 01 cf 80 00 00 00 00 00 00 00", "a deadline of 2^63")]
    [InlineData("94 03 c4 01 61 01 ca 00 00 00 00", "a deadline that is no whole number")]
    [InlineData("93 01 c4 01 61 a1 61", "a value that is text")]
    public void Record_Malformed_IsRefusedAtTheFirstByteThatShowsIt(string hex, string because, bool oneByteLater = false)
    {
        byte[] bytes = Bytes(hex);
        if (oneByteLater)
        {
            Assert.False(RecordReader.TryRead(bytes, RecordSamples.Limits, out _, out _), because);
            bytes = [.. bytes, 0x01];
        }

        Assert.Throws<ProtocolException>(() => RecordReader.TryRead(bytes, RecordSamples.Limits, out _, out _));
        byte[] scratch = new byte[RecordEncoder.MaxPrefixSize(RecordSamples.Limits.MaxKeySize)];
        Assert.Throws<ProtocolException>(() => RecordReader.TryRead(Sequences.OneByteEach(bytes), scratch, RecordSamples.Limits, out _, out _, out _));
    }

    [Theory]
    [InlineData("94 03 c4 01 61 d0 05 d1 00 06")]
    [InlineData("94 03 c5 00 01 61 cc 05 d2 00 00 00 06")]
    [InlineData("94 03 c6 00 00 00 01 61 cd 00 05 ce 00 00 00 06")]
    [InlineData("94 03 c4 01 61 cf 00 00 00 00 00 00 00 05 d3 00 00 00 00 00 00 00 06")]
    public void Record_InLongerEncodingsOfItsNumbers_IsReadAllTheSame(string hex)
    {
        Assert.True(RecordReader.TryRead(Bytes(hex), RecordSamples.Limits, out Record record, out _));
        Assert.Equal("[3, b'61', 5, 6]", RecordSamples.Print(record, record.Value));
    }

    [Fact]
    public void Records_BackToBack_AreReadInOrder()
    {
        byte[] stream = [.. RecordSamples.All.SelectMany(static sample => sample.Bytes)];
        int position = 0;
        foreach (RecordSample sample in RecordSamples.All)
        {
            Assert.True(RecordReader.TryRead(stream.AsSpan(position), RecordSamples.Limits, out Record record, out int consumed));
            Assert.Equal(sample.Fields, RecordSamples.Print(record, record.Value));
            position += consumed;
        }

        Assert.Equal(stream.Length, position);
    }

    [Fact]
    public void Prefix_WithTheLargestNumbers_FitsMaxPrefixSize()
    {
        const long Large = long.MaxValue;
        byte[] key = new byte[65_000];
        int max = RecordEncoder.MaxPrefixSize(key.Length);
        byte[] destination = new byte[max];
        Assert.InRange(RecordEncoder.EncodeSetPrefix(destination, key, uint.MaxValue, Large, Large, Large), 1, max);
        Assert.InRange(RecordEncoder.EncodeEntryPrefix(destination, key, uint.MaxValue, Large, Large, Large, Large, Large), 1, max);
        Assert.InRange(RecordEncoder.EncodeTouch(destination, key, Large, Large), 1, max);
    }

    [Fact]
    public void Numbers_AroundEveryChangeOfEncoding_AreSizedWrittenAndReadAlike()
    {
        byte[] destination = new byte[100];
        foreach (long edge in new[] { 0L, 0x7f, 0xff, 0xffff, 0xffff_ffff, long.MaxValue - 1 })
        {
            foreach (long number in new[] { Math.Max(edge - 1, 0), edge, edge + 1 })
            {
                int length = RecordEncoder.EncodeTouch(destination, "k"u8, number, number);
                Assert.Equal(RecordEncoder.TouchSize(1, number, number), length);
                Assert.True(RecordReader.TryRead(destination.AsSpan(0, length), RecordSamples.Limits, out Record record, out int consumed));
                Assert.Equal((number, number, length), (record.Version, record.Deadline, consumed));
            }
        }
    }

    [Fact]
    public void ReadingAndWriting_Records_AllocateNothing()
    {
        byte[] destination = new byte[200];
        byte[] scratch = new byte[RecordEncoder.MaxPrefixSize(RecordSamples.Limits.MaxKeySize)];
        ReadOnlySequence<byte> segments = Sequences.OneByteEach(RecordSamples.Get("entry-sliding").Bytes);
        Assert.Equal(0, AllocatedBytes.LeastOf(Run));

        void Run()
        {
            int length = RecordEncoder.EncodeSetPrefix(destination, "key"u8, 5, 1, 2, 3);
            RecordReader.TryRead(destination.AsSpan(0, length + 5), RecordSamples.Limits, out _, out _);
            RecordReader.TryRead(segments, scratch, RecordSamples.Limits, out _, out _, out _);
        }
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", string.Empty, StringComparison.Ordinal));
}
