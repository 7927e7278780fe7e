using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>Operations of forwarded writes.</summary>
internal sealed class OperationTarget : IFuzzTarget
{
    private readonly InputBuffer _again = new();

    public string Name => "operations";

    public int Weight => 4_000;

    public long AllocationLimit => 64 << 10;

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        RecordKind kind = RecordGenerator.OperationKinds[random.Next(RecordGenerator.OperationKinds.Count)];
        RecordGenerator.WriteOperation(input, kind, random);
        bool isValid = random.OneIn(8);
        if (!isValid)
        {
            Mutator.Mutate(input, 0, random);
        }

        string name = "operation " + kind;
        try
        {
            if (!OperationReader.TryRead(input.Span, RecordGenerator.Limits, out Operation operation, out int consumed))
            {
                if (isValid)
                {
                    throw new FuzzFailedException("A valid operation is said to be incomplete.");
                }

                coverage.Count(name, "incomplete");
                return;
            }

            if (consumed <= 0 || consumed > input.Length || (isValid && consumed != input.Length))
            {
                throw new FuzzFailedException($"An operation of {input.Length} bytes was read with {consumed}.");
            }

            CompareWritten(operation);
            coverage.Count("operation " + operation.Kind, "accepted");
        }
        catch (ProtocolException exception) when (!isValid)
        {
            coverage.Refused(name, exception.Message);
        }
    }

    private void CompareWritten(in Operation operation)
    {
        _again.Clear();
        Span<byte> prefix = _again.GetSpan(OperationEncoder.MaxPrefixSize(operation.Key.Length));
        (long absolute, long relative, long window) = (operation.AbsoluteExpiration, operation.RelativeExpiration, operation.SlidingWindow);
        _again.Advance(operation.Kind switch
        {
            RecordKind.Set => OperationEncoder.EncodeSetPrefix(prefix, operation.Key, operation.Value.Length, absolute, relative, window),
            RecordKind.Remove => RecordEncoder.EncodeRemove(prefix, operation.Key),
            RecordKind.Clear => RecordEncoder.EncodeClear(prefix),
            RecordKind.CompareAndSet => OperationEncoder.EncodeCompareAndSetPrefix(prefix, operation.Key, operation.Expected, operation.Value.Length, absolute, relative, window),
            _ => OperationEncoder.EncodeCompareAndRemove(prefix, operation.Key, operation.Expected),
        });
        _again.Add(operation.Value);
        if (!OperationReader.TryRead(_again.Span, RecordGenerator.Limits, out Operation read, out int consumed) || consumed != _again.Length
            || read.Kind != operation.Kind || !read.Key.SequenceEqual(operation.Key) || !read.Value.SequenceEqual(operation.Value) || read.Expected != operation.Expected
            || read.AbsoluteExpiration != absolute || read.RelativeExpiration != relative || read.SlidingWindow != window)
        {
            throw new FuzzFailedException("An operation that was accepted is another one when it is written and read again.");
        }
    }
}
