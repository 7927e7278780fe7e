using System.Buffers;

namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>The same bytes in one piece, in two, or in single bytes, as they may lie in buffers.</summary>
internal static class Shapes
{
    // Single bytes are slow, and tell nothing new of long inputs.
    private const int MaxSingleBytes = 200;

    public static ReadOnlySequence<byte> Draw(ReadOnlyMemory<byte> bytes, FuzzRandom random)
    {
        if (bytes.Length < 2 || random.OneIn(2))
        {
            return new ReadOnlySequence<byte>(bytes);
        }

        if (bytes.Length <= MaxSingleBytes && random.OneIn(8))
        {
            var first = new Segment(bytes[..1], 0);
            Segment last = first;
            for (int i = 1; i < bytes.Length; i++)
            {
                last = last.Append(bytes.Slice(i, 1));
            }

            return new ReadOnlySequence<byte>(first, 0, last, 1);
        }

        int cut = random.Next(bytes.Length + 1);
        var start = new Segment(bytes[..cut], 0);
        Segment end = start.Append(bytes[cut..]);
        return new ReadOnlySequence<byte>(start, 0, end, end.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Segment(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
