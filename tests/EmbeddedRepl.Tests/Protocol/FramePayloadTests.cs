using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

public sealed class FramePayloadTests
{
    [Theory]
    [MemberData(nameof(FrameSamples.Names), MemberType = typeof(FrameSamples))]
    public void Payload_InAnySegments_IsReadAsItWasWritten(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        foreach (ReadOnlySequence<byte> variant in Sequences.Variants(sample.Payload))
        {
            Assert.Equal(sample.Payload, sample.ReadAndWrite(variant));
        }
    }

    [Theory]
    [MemberData(nameof(FrameSamples.NamesOfControlFrames), MemberType = typeof(FrameSamples))]
    public void Payload_CutAtAnyByte_IsRefused(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        for (int length = 0; length < sample.Payload.Length; length++)
        {
            ReadOnlySequence<byte> cut = new(sample.Payload, 0, length);
            Assert.Throws<ProtocolException>(() => sample.ReadAndWrite(cut));
        }
    }

    [Theory]
    [MemberData(nameof(FrameSamples.NamesOfControlFrames), MemberType = typeof(FrameSamples))]
    public void Payload_WithFieldsOfALaterMinorVersion_IsReadWithoutThem(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        int count = sample.Payload[0] - MessagePackCode.MinFixArray;

        // Three fields more: a text, a map of a number to an array, and an extension.
        byte[] longer = [(byte)(sample.Payload[0] + 3), .. sample.Payload[1..], 0xa1, 0x61, 0x81, 0x05, 0x91, 0xc0, 0xd4, 0x01, 0x02];

        Assert.InRange(count, 0, 12);
        Assert.Equal(sample.Payload, sample.ReadAndWrite(new ReadOnlySequence<byte>(longer)));
    }

    [Theory]
    [MemberData(nameof(FrameSamples.NamesOfControlFrames), MemberType = typeof(FrameSamples))]
    public void Payload_WithBytesAfterTheArray_IsRefused(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        Assert.Throws<ProtocolException>(() => sample.ReadAndWrite(new ReadOnlySequence<byte>([.. sample.Payload, 0xc0])));
    }

    [Theory]
    [MemberData(nameof(FrameSamples.NamesOfControlFrames), MemberType = typeof(FrameSamples))]
    public void Payload_WithAnyFieldOfAnotherType_IsRefused(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        int count = sample.Payload[0] - MessagePackCode.MinFixArray;
        for (int field = 0; field < count; field++)
        {
            (int start, int end) = FieldBounds(sample.Payload, field);

            // A floating-point number and a map: no field of this protocol is one.
            foreach (byte[] other in new byte[][] { [0xca, 0, 0, 0, 0], [0x80], [0xc1] })
            {
                byte[] payload = [.. sample.Payload[..start], .. other, .. sample.Payload[end..]];
                Assert.Throws<ProtocolException>(() => sample.ReadAndWrite(new ReadOnlySequence<byte>(payload)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(FrameSamples.NamesOfControlFrames), MemberType = typeof(FrameSamples))]
    public void Payload_WithAnyNumberNegative_IsRefused(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        int count = sample.Payload[0] - MessagePackCode.MinFixArray;
        for (int field = 0; field < count; field++)
        {
            (int start, int end) = FieldBounds(sample.Payload, field);
            if (MessagePackCode.ToMessagePackType(sample.Payload[start]) == MessagePackType.Integer)
            {
                byte[] payload = [.. sample.Payload[..start], 0xff, .. sample.Payload[end..]];
                Assert.Throws<ProtocolException>(() => sample.ReadAndWrite(new ReadOnlySequence<byte>(payload)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(FrameSamples.NamesOfControlFrames), MemberType = typeof(FrameSamples))]
    public void Payload_WithTooFewFields_IsRefused(string name)
    {
        FrameSample sample = FrameSamples.Get(name);
        int count = sample.Payload[0] - MessagePackCode.MinFixArray;
        if (count > 0)
        {
            (int start, _) = FieldBounds(sample.Payload, count - 1);
            byte[] payload = [(byte)(sample.Payload[0] - 1), .. sample.Payload[1..start]];
            Assert.Throws<ProtocolException>(() => sample.ReadAndWrite(new ReadOnlySequence<byte>(payload)));
        }
    }

    private static (int Start, int End) FieldBounds(byte[] payload, int field)
    {
        MessagePackReader reader = new(new ReadOnlySequence<byte>(payload));
        reader.ReadArrayHeader();
        for (int i = 0; i < field; i++)
        {
            reader.Skip();
        }

        int start = (int)reader.Consumed;
        reader.Skip();
        return (start, (int)reader.Consumed);
    }
}
