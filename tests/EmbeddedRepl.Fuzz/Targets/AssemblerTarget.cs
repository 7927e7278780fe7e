using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>Several records in a row, cut anywhere, damaged from some point on: exactly those before it come out, unchanged and in order.</summary>
internal sealed class AssemblerTarget : IFuzzTarget
{
    private readonly InputBuffer _original = new();
    private readonly List<int> _ends = [];

    public string Name => "assembler";

    public int Weight => 500;

    public long AllocationLimit => 2 << 20;

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        _original.Clear();
        _ends.Clear();
        for (int i = random.Next(1, 8); i > 0; i--)
        {
            RecordGenerator.WriteRecord(_original, RecordGenerator.RecordKinds[random.Next(RecordGenerator.RecordKinds.Count)], random);
            _ends.Add(_original.Length);
        }

        input.Add(_original.Span);
        int damagedFrom = random.OneIn(4) ? input.Length : random.Next(input.Length);
        if (damagedFrom < input.Length)
        {
            Mutator.Mutate(input, damagedFrom, random);
        }

        var sink = new Sink();
        using var assembler = new RecordAssembler(RecordGenerator.Limits, sink);
        string outcome = "accepted";
        try
        {
            for (int at = 0; at < input.Length;)
            {
                int piece = random.Next(1, random.OneIn(2) ? 8 : 400);
                piece = Math.Min(piece, input.Length - at);
                assembler.Feed(input.Span.Slice(at, piece));
                at += piece;
            }
        }
        catch (ProtocolException exception)
        {
            outcome = "refused";
            coverage.Refused("assembler", exception.Message);
        }

        // What follows the damage may be read as anything; what comes before it may not.
        int expected = _ends.Count(end => end <= damagedFrom);
        if (sink.Count < expected || !sink.StartsWith(_original.Span[..(expected == 0 ? 0 : _ends[expected - 1])]))
        {
            throw new FuzzFailedException($"Of {expected} records before the damage {sink.Count} came out, or not as they were.");
        }

        if (!input.Span.StartsWith(sink.Bytes) || (outcome == "accepted" && sink.Bytes.Length + assembler.PendingBytes != input.Length))
        {
            throw new FuzzFailedException("What came out is not what was put in.");
        }

        coverage.Count("assembler", outcome);
    }

    private sealed class Sink : IRecordSink
    {
        private readonly InputBuffer _bytes = new();

        public int Count { get; private set; }

        public ReadOnlySpan<byte> Bytes => _bytes.Span;

        public void Accept(in Record record, ReadOnlySpan<byte> raw)
        {
            Count++;
            _bytes.Add(raw);
        }

        public bool StartsWith(ReadOnlySpan<byte> bytes) => _bytes.Span.StartsWith(bytes);
    }
}
