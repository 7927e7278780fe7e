using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class MessagePackTests
{
    /// <summary>Numbers around every change of encoding, with the smallest one of each by the specification.</summary>
    public static TheoryData<long, string> Integers => new()
    {
        { 0, "00" }, { 127, "7f" }, { 128, "cc80" }, { 255, "ccff" }, { 256, "cd0100" }, { 65_535, "cdffff" }, { 65_536, "ce00010000" },
        { uint.MaxValue, "ceffffffff" }, { 1L + uint.MaxValue, "cf0000000100000000" }, { long.MaxValue, "cf7fffffffffffffff" },
        { -1, "ff" }, { -32, "e0" }, { -33, "d0df" }, { -128, "d080" }, { -129, "d1ff7f" }, { -32_768, "d18000" }, { -32_769, "d2ffff7fff" },
        { int.MinValue, "d280000000" }, { int.MinValue - 1L, "d3ffffffff7fffffff" }, { long.MinValue, "d38000000000000000" },
    };

    [Theory]
    [MemberData(nameof(Integers))]
    public void Integer_Written_HasTheSmallestEncodingAndIsReadBack(long value, string hex)
    {
        byte[] bytes = Written((ref MessagePackWriter writer) => writer.Write(value));

        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        foreach (ReadOnlySequence<byte> variant in Sequences.Variants(bytes))
        {
            MessagePackReader reader = new(variant);
            Assert.Equal(value, reader.ReadInt64());
            Assert.True(reader.End);
        }
    }

    [Fact]
    public void Integer_BeyondTheTypeAskedFor_IsRefused()
    {
        AssertRefused("cfffffffffffffffff", static (ref MessagePackReader reader) => reader.ReadInt64());
        AssertRefused("ce80000000", static (ref MessagePackReader reader) => reader.ReadInt32());
        AssertRefused("d3ffffffff7fffffff", static (ref MessagePackReader reader) => reader.ReadInt32());
        AssertRefused("cd0100", static (ref MessagePackReader reader) => reader.ReadByte());
        AssertRefused("ff", static (ref MessagePackReader reader) => reader.ReadUInt64());
        MessagePackReader largest = new(new ReadOnlySequence<byte>(Convert.FromHexString("cfffffffffffffffff")));
        Assert.Equal(ulong.MaxValue, largest.ReadUInt64());
    }

    [Theory]
    [InlineData(0, "c400")]
    [InlineData(255, "c4ff")]
    [InlineData(256, "c50100")]
    [InlineData(65_535, "c5ffff")]
    [InlineData(65_536, "c600010000")]
    public void Bytes_Written_HaveTheSmallestHeaderAndAreReadBack(int length, string header)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        byte[] span = Written((ref MessagePackWriter writer) => writer.Write(content));
        byte[] sequence = Written((ref MessagePackWriter writer) => writer.Write(Sequences.Cut(content, length / 3)));

        Assert.StartsWith(header, Convert.ToHexStringLower(span), StringComparison.Ordinal);
        Assert.Equal(span, sequence);
        MessagePackReader reader = new(Sequences.Cut(span, span.Length / 2));
        Assert.Equal(content, reader.ReadBytes()!.Value.ToArray());
        Assert.True(reader.End);
    }

    [Theory]
    [InlineData(0, "a0")]
    [InlineData(31, "bf")]
    [InlineData(32, "d920")]
    [InlineData(255, "d9ff")]
    [InlineData(256, "da0100")]
    [InlineData(65_536, "db00010000")]
    public void Text_Written_HasTheSmallestHeaderAndIsReadBack(int length, string header)
    {
        string text = new('x', length);
        byte[] bytes = Written((ref MessagePackWriter writer) => writer.Write(text));

        Assert.StartsWith(header, Convert.ToHexStringLower(bytes), StringComparison.Ordinal);
        MessagePackReader reader = new(Sequences.Cut(bytes, bytes.Length / 2));
        Assert.Equal(text, reader.ReadString());
        Assert.True(reader.End);
    }

    [Theory]
    [InlineData(15, "9f", "8f")]
    [InlineData(16, "dc0010", "de0010")]
    [InlineData(65_535, "dcffff", "deffff")]
    [InlineData(65_536, "dd00010000", "df00010000")]
    public void ArrayAndMapHeaders_Written_AreTheSmallestAndAreReadBack(int count, string array, string map)
    {
        byte[] arrayBytes = [.. Written((ref MessagePackWriter writer) => writer.WriteArrayHeader(count)), .. new byte[count]];
        byte[] mapBytes = [.. Written((ref MessagePackWriter writer) => writer.WriteMapHeader(count)), .. new byte[count * 2]];

        Assert.StartsWith(array, Convert.ToHexStringLower(arrayBytes), StringComparison.Ordinal);
        Assert.StartsWith(map, Convert.ToHexStringLower(mapBytes), StringComparison.Ordinal);
        Assert.Equal(count, new MessagePackReader(new ReadOnlySequence<byte>(arrayBytes)).ReadArrayHeader());
        Assert.Equal(count, new MessagePackReader(new ReadOnlySequence<byte>(mapBytes)).ReadMapHeader());
        MessagePackReader skipper = new(new ReadOnlySequence<byte>(mapBytes));
        skipper.Skip();
        Assert.True(skipper.End);
    }

    [Fact]
    public void NilAndTruth_Written_AreReadBack()
    {
        byte[] bytes = Written(static (ref MessagePackWriter writer) =>
        {
            writer.WriteNil();
            writer.Write((string?)null);
            writer.Write(true);
            writer.Write(false);
        });
        MessagePackReader reader = new(new ReadOnlySequence<byte>(bytes));

        Assert.Equal("c0c0c3c2", Convert.ToHexStringLower(bytes));
        Assert.True(reader.TryReadNil());
        Assert.Null(reader.ReadString());
        Assert.False(reader.TryReadNil());
        Assert.True(reader.ReadBoolean());
        Assert.False(reader.ReadBoolean());
        Assert.True(reader.End);
    }

    [Theory]
    [InlineData("dd7fffffff", "2^31 - 1 elements, and no bytes")]
    [InlineData("ddffffffff", "2^32 - 1 elements, and no bytes")]
    [InlineData("92c0", "two elements in one byte")]
    public void ArrayHeader_AnnouncingMoreElementsThanBytes_IsRefusedAtOnce(string hex, string because)
    {
        Assert.NotEmpty(because);
        AssertRefused(hex, static (ref MessagePackReader reader) => reader.ReadArrayHeader());
    }

    [Theory]
    [InlineData("c6ffffffff")]
    [InlineData("c40200")]
    public void Bytes_LongerThanTheInput_AreRefused(string hex) => AssertRefused(hex, static (ref MessagePackReader reader) => reader.ReadBytes());

    [Theory]
    [InlineData("dbffffffff")]
    [InlineData("a3c3a4")]
    [InlineData("a1c3")]
    [InlineData("a3eda080")]
    public void Text_LongerThanTheInputOrNotUtf8_IsRefused(string hex) => AssertRefused(hex, static (ref MessagePackReader reader) => reader.ReadString());

    [Fact]
    public void Skip_NestedAsDeepAsAllowed_PassesAndOneDeeperIsRefused()
    {
        byte[] deep = [.. Enumerable.Repeat((byte)0x91, MessagePackReader.MaxDepth - 1), 0xc0];
        MessagePackReader reader = new(new ReadOnlySequence<byte>(deep));
        reader.Skip();
        Assert.True(reader.End);
        AssertRefused("91" + Convert.ToHexString(deep), static (ref MessagePackReader reader) => reader.Skip());
        AssertRefused(new string('9', 200_000), static (ref MessagePackReader reader) => reader.Skip());
    }

    [Theory]
    [InlineData("ca00000000")]
    [InlineData("cb0000000000000000")]
    [InlineData("c7020500aa")]
    [InlineData("c8000105aa")]
    [InlineData("c90000000105aa")]
    [InlineData("d405aa")]
    [InlineData("d505aaaa")]
    [InlineData("d605aaaaaaaa")]
    [InlineData("d705aaaaaaaaaaaaaaaa")]
    [InlineData("d805aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("8201a161c302")]
    public void Skip_KindsThatTheProtocolDoesNotUse_PassesOverThemWhole(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        foreach (ReadOnlySequence<byte> variant in Sequences.Variants(bytes))
        {
            MessagePackReader reader = new(variant);
            reader.Skip();
            Assert.True(reader.End);
        }

        for (int length = 0; length < bytes.Length; length++)
        {
            AssertRefused(hex[..(2 * length)], static (ref MessagePackReader reader) => reader.Skip());
        }
    }

    [Fact]
    public void Codes_All_HaveTheTypeOfTheSpecification()
    {
        Assert.Equal(MessagePackType.Unknown, MessagePackCode.ToMessagePackType(0xc1));
        AssertRefused("c1", static (ref MessagePackReader reader) => reader.Skip());
        for (int code = 0; code <= byte.MaxValue; code++)
        {
            Assert.Equal(code == 0xc1, MessagePackCode.ToMessagePackType((byte)code) == MessagePackType.Unknown);
        }
    }

    private static void AssertRefused(string hex, ReadAction action)
    {
        foreach (ReadOnlySequence<byte> sequence in new[] { new ReadOnlySequence<byte>(Convert.FromHexString(hex)), Sequences.OneByteEach(Convert.FromHexString(hex)) })
        {
            Assert.Throws<ProtocolException>(() =>
            {
                MessagePackReader reader = new(sequence);
                action(ref reader);
            });
        }
    }

    private static byte[] Written(WriteAction action)
    {
        ArrayBufferWriter<byte> output = new();
        MessagePackWriter writer = new(output);
        action(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private delegate void ReadAction(ref MessagePackReader reader);

    private delegate void WriteAction(ref MessagePackWriter writer);
}
