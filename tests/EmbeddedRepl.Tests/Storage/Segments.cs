using System.Buffers;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>Sequences of several segments.</summary>
internal static class Segments
{
    /// <summary>The bytes in segments of that length, each from the middle of a larger array.</summary>
    public static ReadOnlySequence<byte> Of(byte[] bytes, int length)
    {
        SequenceSegment first = new(default, 0);
        SequenceSegment last = first;
        for (int start = 0; start < bytes.Length; start += length)
        {
            byte[] padded = [0xEE, .. bytes.AsSpan(start, Math.Min(length, bytes.Length - start)), 0xEE];
            last = last.Append(padded.AsMemory(1..^1));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>A sequence whose second segment can't be read.</summary>
    public static ReadOnlySequence<byte> Failing(int length)
    {
        SequenceSegment first = new(new byte[length], 0);
        SequenceSegment last = first.Append(new FailingMemory(length).WholeMemory);
        return new ReadOnlySequence<byte>(first, 0, last, length);
    }

    private sealed class FailingMemory(int length) : MemoryManager<byte>
    {
        public Memory<byte> WholeMemory => CreateMemory(length);

        public override Span<byte> GetSpan() => throw new InvalidOperationException("This memory is gone.");

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
