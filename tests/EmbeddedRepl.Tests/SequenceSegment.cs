using System.Buffers;

namespace EmbeddedRepl.Tests;

/// <summary>A piece of a <see cref="ReadOnlySequence{T}"/> in the hands of a test.</summary>
internal sealed class SequenceSegment : ReadOnlySequenceSegment<byte>
{
    public SequenceSegment(ReadOnlyMemory<byte> memory, long runningIndex)
    {
        Memory = memory;
        RunningIndex = runningIndex;
    }

    /// <summary>Puts another piece behind this one.</summary>
    /// <returns>The new piece.</returns>
    public SequenceSegment Append(ReadOnlyMemory<byte> memory)
    {
        SequenceSegment next = new(memory, RunningIndex + Memory.Length);
        Next = next;
        return next;
    }
}
