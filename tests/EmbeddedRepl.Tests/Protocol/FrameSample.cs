using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>One frame as the tests know it.</summary>
/// <param name="Name">Also the name of its golden file.</param>
/// <param name="Type">Expected in its header.</param>
/// <param name="Frame">Its bytes, header included.</param>
/// <param name="Fields">Its payload as an independent decoder must print it; null for payloads that are no MessagePack.</param>
/// <param name="ReadAndWrite">Reads a payload and writes what was read.</param>
internal sealed record FrameSample(
    string Name,
    FrameType Type,
    byte[] Frame,
    string? Fields,
    Func<ReadOnlySequence<byte>, byte[]> ReadAndWrite)
{
    public byte[] Payload => Frame[FrameHeader.Size..];

    public static FrameSample Of<T>(string name, T frame, string fields)
        where T : struct, IFrame<T>
    {
        ArrayBufferWriter<byte> output = new();
        FrameWriter.Write(output, frame);
        return new FrameSample(
            name,
            T.Type,
            output.WrittenSpan.ToArray(),
            fields,
            static payload => FramePayload.ToArray(FramePayload.Read<T>(payload)));
    }

    /// <summary>A frame whose payload is raw bytes.</summary>
    public static FrameSample OfRaw(string name, FrameType type, Action<ArrayBufferWriter<byte>> write, Func<ReadOnlySequence<byte>, byte[]> readAndWrite)
    {
        ArrayBufferWriter<byte> output = new();
        write(output);
        return new FrameSample(name, type, output.WrittenSpan.ToArray(), Fields: null, readAndWrite);
    }
}
