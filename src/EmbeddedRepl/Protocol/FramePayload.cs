using System.Buffers;

namespace EmbeddedRepl.Protocol;

/// <summary>The payload of a control frame: one MessagePack array and nothing after it. Stateless; thread-safe.</summary>
internal static class FramePayload
{
    /// <summary>Writes the payload of a frame, without the frame header.</summary>
    public static void Write<T>(IBufferWriter<byte> output, in T frame)
        where T : struct, IFrame<T>
    {
        MessagePackWriter writer = new(output);
        writer.WriteArrayHeader(T.FieldCount);
        frame.Write(ref writer);
        writer.Flush();
    }

    /// <summary>The payload of a frame, without the frame header, as an array of its own.</summary>
    public static byte[] ToArray<T>(in T frame)
        where T : struct, IFrame<T>
    {
        ArrayBufferWriter<byte> output = new();
        Write(output, frame);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads the payload of a frame.</summary>
    /// <param name="payload">All of it, as <see cref="FrameReader"/> gave it.</param>
    /// <exception cref="ProtocolException">It is not the payload of such a frame.</exception>
    public static T Read<T>(in ReadOnlySequence<byte> payload)
        where T : struct, IFrame<T>
    {
        MessagePackReader reader = new(payload);
        int count = reader.ReadArrayHeader();
        if (count < T.FieldCount)
        {
            throw new ProtocolException($"A frame of type {T.Type} has {count} fields, but needs {T.FieldCount}.");
        }

        T frame = T.Read(ref reader);
        for (int i = T.FieldCount; i < count; i++)
        {
            reader.Skip();
        }

        return reader.End ? frame : throw new ProtocolException($"A frame of type {T.Type} has bytes after its payload.");
    }
}
