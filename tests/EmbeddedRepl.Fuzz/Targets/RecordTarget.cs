using System.Buffers;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>Records of the stream and of a snapshot. Whatever lies how in memory is read alike, and what is accepted means the same when it is written and read again.</summary>
internal sealed class RecordTarget : IFuzzTarget
{
    private readonly byte[] _scratch = new byte[RecordEncoder.MaxPrefixSize(RecordGenerator.Limits.MaxKeySize)];
    private readonly InputBuffer _again = new();

    public string Name => "records";

    public int Weight => 6_000;

    public long AllocationLimit => 64 << 10;

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        RecordKind kind = RecordGenerator.RecordKinds[random.Next(RecordGenerator.RecordKinds.Count)];
        RecordGenerator.WriteRecord(input, kind, random);
        bool isValid = random.OneIn(8);
        if (!isValid)
        {
            Mutator.Mutate(input, 0, random);
        }

        string name = "record " + kind;
        try
        {
            if (!RecordReader.TryRead(input.Span, RecordGenerator.Limits, out Record record, out int consumed))
            {
                if (isValid || record.Size <= input.Length)
                {
                    throw new FuzzFailedException($"A record of {input.Length} bytes is said to have {record.Size}.");
                }

                CompareIncomplete(input, random, record.Size);
                coverage.Count(name, "incomplete");
                return;
            }

            if (consumed <= 0 || consumed > input.Length || (isValid && consumed != input.Length))
            {
                throw new FuzzFailedException($"A record of {input.Length} bytes was read with {consumed}.");
            }

            CompareShapes(input, random, record, consumed);
            CompareWritten(record);
            coverage.Count("record " + record.Kind, "accepted");
        }
        catch (ProtocolException exception) when (!isValid)
        {
            coverage.Refused(name, exception.Message);
        }
    }

    private void CompareIncomplete(InputBuffer input, FuzzRandom random, long size)
    {
        if (RecordReader.TryRead(Shapes.Draw(input.Memory, random), _scratch, RecordGenerator.Limits, out Record record, out _, out _) || record.Size != size)
        {
            throw new FuzzFailedException($"A record that is cut off needs {size} bytes in one piece and {record.Size} in several.");
        }
    }

    private void CompareShapes(InputBuffer input, FuzzRandom random, in Record record, int consumed)
    {
        if (!RecordReader.TryRead(Shapes.Draw(input.Memory, random), _scratch, RecordGenerator.Limits, out Record same, out ReadOnlySequence<byte> value, out long consumedToo)
            || consumedToo != consumed || !HaveSameFields(record, same) || !value.ToArray().AsSpan().SequenceEqual(record.Value))
        {
            throw new FuzzFailedException("A record is read differently in several pieces.");
        }
    }

    private void CompareWritten(in Record record)
    {
        _again.Clear();
        Span<byte> prefix = _again.GetSpan(RecordEncoder.MaxPrefixSize(record.Key.Length));
        _again.Advance(record.Kind switch
        {
            RecordKind.Set => RecordEncoder.EncodeSetPrefix(prefix, record.Key, record.Value.Length, record.Deadline, record.SlidingWindow, record.AbsoluteCap),
            RecordKind.Remove => RecordEncoder.EncodeRemove(prefix, record.Key),
            RecordKind.Touch => RecordEncoder.EncodeTouch(prefix, record.Key, record.Version, record.Deadline),
            RecordKind.Clear => RecordEncoder.EncodeClear(prefix),
            _ => RecordEncoder.EncodeEntryPrefix(
                prefix, record.Key, record.Value.Length, record.Version, record.Deadline, record.SlidingWindow, record.AbsoluteCap, record.LastChange),
        });
        _again.Add(record.Value);

        // Forms that cannot be written are refused where they are applied: a window or a cap without what it needs.
        bool hasForm = (record.SlidingWindow == 0 || record.Deadline != 0) && (record.AbsoluteCap == 0 || record.SlidingWindow != 0)
            && (record.Kind != RecordKind.Entry || record.SlidingWindow != 0 || record.LastChange == record.Version);
        if (hasForm && (!RecordReader.TryRead(_again.Span, RecordGenerator.Limits, out Record read, out int consumed)
            || consumed != _again.Length || !HaveSameFields(record, read) || !read.Value.SequenceEqual(record.Value)))
        {
            throw new FuzzFailedException("A record that was accepted is another one when it is written and read again.");
        }
    }

    private static bool HaveSameFields(in Record one, in Record other) =>
        one.Kind == other.Kind && one.Key.SequenceEqual(other.Key) && one.Deadline == other.Deadline && one.SlidingWindow == other.SlidingWindow
        && one.AbsoluteCap == other.AbsoluteCap && one.Version == other.Version && one.LastChange == other.LastChange;
}
