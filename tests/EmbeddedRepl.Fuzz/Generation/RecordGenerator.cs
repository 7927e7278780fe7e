using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>Valid records of every kind, and operations of every kind.</summary>
internal static class RecordGenerator
{
    public static RecordLimits Limits { get; } = new(300, 100_000);

    public static IReadOnlyList<RecordKind> RecordKinds { get; } = [RecordKind.Set, RecordKind.Remove, RecordKind.Touch, RecordKind.Clear, RecordKind.Entry];

    public static IReadOnlyList<RecordKind> OperationKinds { get; } =
        [RecordKind.Set, RecordKind.Remove, RecordKind.Clear, RecordKind.CompareAndSet, RecordKind.CompareAndRemove];

    /// <summary>Appends a record.</summary>
    public static void WriteRecord(InputBuffer output, RecordKind kind, FuzzRandom random)
    {
        Span<byte> key = stackalloc byte[random.Length(Limits.MaxKeySize)];
        random.Fill(key);
        int valueLength = random.Length(2_000);
        (long deadline, long window, long cap) = Expiration(random);
        Span<byte> prefix = output.GetSpan(RecordEncoder.MaxPrefixSize(key.Length));
        int length = kind switch
        {
            RecordKind.Set => RecordEncoder.EncodeSetPrefix(prefix, key, valueLength, deadline, window, cap),
            RecordKind.Remove => RecordEncoder.EncodeRemove(prefix, key),
            RecordKind.Touch => RecordEncoder.EncodeTouch(prefix, key, random.NonNegative(), random.NonNegative()),
            RecordKind.Clear => RecordEncoder.EncodeClear(prefix),
            _ => RecordEncoder.EncodeEntryPrefix(prefix, key, valueLength, random.NonNegative(), deadline, window, cap, random.NonNegative()),
        };
        output.Advance(length);
        if (kind is RecordKind.Set or RecordKind.Entry)
        {
            random.Fill(output.GetSpan(valueLength)[..valueLength]);
            output.Advance(valueLength);
        }
    }

    /// <summary>Appends an operation.</summary>
    public static void WriteOperation(InputBuffer output, RecordKind kind, FuzzRandom random)
    {
        Span<byte> key = stackalloc byte[random.Length(Limits.MaxKeySize)];
        random.Fill(key);
        int valueLength = random.Length(2_000);
        (long absolute, long relative, long window) = random.OneIn(2) ? (0, 0, 0) : (random.NonNegative(), random.NonNegative(), random.NonNegative());
        var expected = new EntryVersion(random.NonNegative(), random.Next64());
        Span<byte> prefix = output.GetSpan(OperationEncoder.MaxPrefixSize(key.Length));
        int length = kind switch
        {
            RecordKind.Set => OperationEncoder.EncodeSetPrefix(prefix, key, valueLength, absolute, relative, window),
            RecordKind.Remove => RecordEncoder.EncodeRemove(prefix, key),
            RecordKind.Clear => RecordEncoder.EncodeClear(prefix),
            RecordKind.CompareAndSet => OperationEncoder.EncodeCompareAndSetPrefix(prefix, key, expected, valueLength, absolute, relative, window),
            _ => OperationEncoder.EncodeCompareAndRemove(prefix, key, expected),
        };
        output.Advance(length);
        if (kind is RecordKind.Set or RecordKind.CompareAndSet)
        {
            random.Fill(output.GetSpan(valueLength)[..valueLength]);
            output.Advance(valueLength);
        }
    }

    private static (long Deadline, long Window, long Cap) Expiration(FuzzRandom random) => random.Next(4) switch
    {
        0 => (1 + (random.NonNegative() >> 1), 0, 0),
        1 => (1 + (random.NonNegative() >> 1), 1 + (random.NonNegative() >> 1), 0),
        2 => (1 + (random.NonNegative() >> 1), 1 + (random.NonNegative() >> 1), random.NonNegative()),

        // A form that is written, and refused where it is applied.
        3 when random.OneIn(6) => (0, 1 + (random.NonNegative() >> 1), 0),
        _ => (0, 0, 0),
    };
}
