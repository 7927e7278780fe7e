using System.Text;
using EmbeddedRepl.Protocol;
using Record = EmbeddedRepl.Protocol.Record;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>At least one record of every form, with what an independent MessagePack decoder must find in it (as in <see cref="FrameSamples"/>).</summary>
internal static class RecordSamples
{
    private const long Deadline = 1_700_000_000_000;
    private const long Cap = 1_700_000_900_000;
    private static readonly byte[] Key = "key"u8.ToArray();
    private static readonly byte[] Value = "value"u8.ToArray();

    public static RecordLimits Limits { get; } = new(65_000, 1 << 30);

    public static IReadOnlyList<RecordSample> All { get; } =
    [
        Set("set", Key, Value, 0, 0, 0, "[1, b'6b6579', b'76616c7565']"),
        Set("set-empty", [], [], 0, 0, 0, "[1, b'', b'']"),
        Set("set-lone-surrogate", [0xed, 0xa0, 0x80], Value, 0, 0, 0, "[1, b'eda080', b'76616c7565']"),
        Set("set-deadline", Key, Value, Deadline, 0, 0, "[1, b'6b6579', 1700000000000, b'76616c7565']"),
        Set("set-sliding", Key, Value, Deadline, 60_000, Cap, "[1, b'6b6579', 1700000000000, 60000, 1700000900000, b'76616c7565']"),
        Set("set-sliding-uncapped", Key, Value, Deadline, 60_000, 0, "[1, b'6b6579', 1700000000000, 60000, 0, b'76616c7565']"),
        Set("set-long-key", new byte[300], new byte[256], 0, 0, 0, $"[1, b'{new string('0', 600)}', b'{new string('0', 512)}']"),
        Set("set-long-value", Key, new byte[70_000], 0, 0, 0, $"[1, b'6b6579', b'{new string('0', 140_000)}']"),
        Sample("remove", RecordKind.Remove, static destination => RecordEncoder.EncodeRemove(destination, Key), [], RecordEncoder.RemoveSize(3), "[2, b'6b6579']"),
        Sample("touch", RecordKind.Touch, static destination => RecordEncoder.EncodeTouch(destination, Key, 1L << 33, Deadline), [], RecordEncoder.TouchSize(3, 1L << 33, Deadline), "[3, b'6b6579', 8589934592, 1700000000000]"),
        Sample("clear", RecordKind.Clear, RecordEncoder.EncodeClear, [], RecordEncoder.ClearSize, "[4]"),
        Entry("entry", 127, 0, 0, 0, 127, "[5, b'6b6579', 127, b'76616c7565']"),
        Entry("entry-deadline", 128, Deadline, 0, 0, 128, "[5, b'6b6579', 128, 1700000000000, b'76616c7565']"),
        Entry("entry-sliding", 255, Deadline, 60_000, Cap, 256, "[5, b'6b6579', 255, 1700000000000, 60000, 1700000900000, 256, b'76616c7565']"),
    ];

    public static TheoryData<string> Names => [.. All.Select(static sample => sample.Name)];

    /// <summary>Those that are short enough to be tried in every shape.</summary>
    public static TheoryData<string> NamesOfShort => [.. All.Where(static sample => sample.Bytes.Length < 1000).Select(static sample => sample.Name)];

    public static RecordSample Get(string name) => All.Single(sample => sample.Name == name);

    /// <summary>Prints a record as the independent decoder prints its array, so that both can be compared with <see cref="RecordSample.Fields"/>.</summary>
    public static string Print(in Record record, ReadOnlySpan<byte> value)
    {
        StringBuilder text = new($"[{(int)record.Kind}");
        if (record.Kind != RecordKind.Clear)
        {
            text.Append($", {Hex(record.Key)}");
        }

        switch (record.Kind)
        {
            case RecordKind.Touch:
                text.Append($", {record.Version}, {record.Deadline}");
                break;
            case RecordKind.Entry:
                text.Append($", {record.Version}");
                break;
        }

        if (record.Kind is RecordKind.Set or RecordKind.Entry)
        {
            text.Append((record.Deadline, record.SlidingWindow) switch
            {
                (0, 0) => string.Empty,
                (_, 0) => $", {record.Deadline}",
                _ => $", {record.Deadline}, {record.SlidingWindow}, {record.AbsoluteCap}",
            });
            text.Append(record.Kind == RecordKind.Entry && record.SlidingWindow != 0 ? $", {record.LastChange}" : string.Empty);
            text.Append($", {Hex(value)}");
        }

        return text.Append(']').ToString();
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => $"b'{Convert.ToHexStringLower(bytes)}'";

    private static RecordSample Set(string name, byte[] key, byte[] value, long deadline, long window, long cap, string fields) => Sample(
        name,
        RecordKind.Set,
        destination => RecordEncoder.EncodeSetPrefix(destination, key, value.Length, deadline, window, cap),
        value,
        RecordEncoder.SetSize(key.Length, value.Length, deadline, window, cap),
        fields);

    private static RecordSample Entry(string name, long version, long deadline, long window, long cap, long lastChange, string fields) => Sample(
        name,
        RecordKind.Entry,
        destination => RecordEncoder.EncodeEntryPrefix(destination, Key, Value.Length, version, deadline, window, cap, lastChange),
        Value,
        RecordEncoder.EntrySize(Key.Length, Value.Length, version, deadline, window, cap, lastChange),
        fields);

    private static RecordSample Sample(string name, RecordKind kind, EncodePrefix encode, byte[] value, long size, string fields)
    {
        byte[] prefix = new byte[RecordEncoder.MaxPrefixSize(300)];
        int length = encode(prefix);
        return new RecordSample(name, kind, [.. prefix.AsSpan(0, length), .. value], size, fields);
    }

    private delegate int EncodePrefix(Span<byte> destination);
}
