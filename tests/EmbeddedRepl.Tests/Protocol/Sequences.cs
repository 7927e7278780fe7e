using System.Buffers;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>The same bytes in every shape in which a reader may get them.</summary>
internal static class Sequences
{
    /// <summary>The bytes in consecutive segments of the given sizes; the rest in a last one. Sizes of 0 give empty segments.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, params IEnumerable<int> sizes)
    {
        SequenceSegment first = new(ReadOnlyMemory<byte>.Empty, 0);
        SequenceSegment last = first;
        foreach (int size in sizes)
        {
            last = last.Append(bytes[..size]);
            bytes = bytes[size..];
        }

        last = last.Append(bytes);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>Every byte in a segment of its own.</summary>
    public static ReadOnlySequence<byte> OneByteEach(byte[] bytes) => Cut(bytes, Enumerable.Repeat(1, bytes.Length));

    /// <summary>Whole, split in two at every byte, one byte per segment.</summary>
    public static IEnumerable<ReadOnlySequence<byte>> Variants(byte[] bytes)
    {
        yield return new ReadOnlySequence<byte>(bytes);
        for (int at = 0; at <= bytes.Length; at++)
        {
            yield return Cut(bytes, at);
        }

        yield return OneByteEach(bytes);
    }
}
