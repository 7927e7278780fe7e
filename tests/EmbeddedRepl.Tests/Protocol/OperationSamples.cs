using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>One operation of every form, with what an independent MessagePack decoder must find in it (as in <see cref="FrameSamples"/>).</summary>
internal static class OperationSamples
{
    private static readonly byte[] Key = "key"u8.ToArray();
    private static readonly byte[] Value = "value"u8.ToArray();
    private static readonly EntryVersion Expected = new(123_456, 0xFEDC_BA98_7654_3210);

    public static IReadOnlyList<RecordSample> All { get; } =
    [
        Set("set", 0, 0, 0, "[1, b'6b6579', b'76616c7565']"),
        Set("set-absolute", 1_700_000_000_000, 0, 0, "[1, b'6b6579', 1700000000000, 0, 0, b'76616c7565']"),
        Set("set-relative-sliding", 0, 3_600_000, 60_000, "[1, b'6b6579', 0, 3600000, 60000, b'76616c7565']"),
        new("remove", RecordKind.Remove, RecordSamples.Get("remove").Bytes, RecordEncoder.RemoveSize(3), "[2, b'6b6579']"),
        new("clear", RecordKind.Clear, RecordSamples.Get("clear").Bytes, RecordEncoder.ClearSize, "[4]"),
        CompareAndSet("compare-and-set", Expected, 0, 0, 0, "[6, b'6b6579', 123456, b'fedcba9876543210', b'76616c7565']"),
        CompareAndSet("compare-and-set-none", EntryVersion.None, 0, 0, 0, "[6, b'6b6579', 0, b'0000000000000000', b'76616c7565']"),
        CompareAndSet(
            "compare-and-set-expiring", Expected, 0, 3_600_000, 60_000, "[6, b'6b6579', 123456, b'fedcba9876543210', 0, 3600000, 60000, b'76616c7565']"),
        CompareAndRemove("compare-and-remove", Expected, "[7, b'6b6579', 123456, b'fedcba9876543210']"),
    ];

    public static TheoryData<string> Names => [.. All.Select(static sample => sample.Name)];

    public static RecordSample Get(string name) => All.Single(sample => sample.Name == name);

    /// <summary>Prints an operation as the independent decoder prints its array.</summary>
    public static string Print(in Operation operation)
    {
        string key = $"b'{Convert.ToHexStringLower(operation.Key)}'";
        string value = $"b'{Convert.ToHexStringLower(operation.Value)}'";
        bool expires = (operation.AbsoluteExpiration | operation.RelativeExpiration | operation.SlidingWindow) != 0;
        string expected = $"{operation.Expected.Offset}, b'{operation.Expected.Hash:x16}'";
        string expiration = $"{operation.AbsoluteExpiration}, {operation.RelativeExpiration}, {operation.SlidingWindow}";
        return operation.Kind switch
        {
            RecordKind.CompareAndRemove => $"[7, {key}, {expected}]",
            RecordKind.CompareAndSet when expires => $"[6, {key}, {expected}, {expiration}, {value}]",
            RecordKind.CompareAndSet => $"[6, {key}, {expected}, {value}]",
            RecordKind.Clear => "[4]",
            RecordKind.Remove => $"[2, {key}]",
            _ when expires => $"[1, {key}, {expiration}, {value}]",
            _ => $"[1, {key}, {value}]",
        };
    }

    private static RecordSample CompareAndSet(string name, EntryVersion expected, long absolute, long relative, long window, string fields)
    {
        byte[] prefix = new byte[OperationEncoder.MaxPrefixSize(Key.Length)];
        int length = OperationEncoder.EncodeCompareAndSetPrefix(prefix, Key, expected, Value.Length, absolute, relative, window);
        long size = OperationEncoder.CompareAndSetSize(Key.Length, Value.Length, expected, absolute, relative, window);
        return new RecordSample(name, RecordKind.CompareAndSet, [.. prefix.AsSpan(0, length), .. Value], size, fields);
    }

    private static RecordSample CompareAndRemove(string name, EntryVersion expected, string fields)
    {
        byte[] bytes = new byte[OperationEncoder.MaxPrefixSize(Key.Length)];
        int length = OperationEncoder.EncodeCompareAndRemove(bytes, Key, expected);
        return new RecordSample(name, RecordKind.CompareAndRemove, bytes[..length], OperationEncoder.CompareAndRemoveSize(Key.Length, expected), fields);
    }

    private static RecordSample Set(string name, long absolute, long relative, long window, string fields)
    {
        byte[] prefix = new byte[RecordEncoder.MaxPrefixSize(Key.Length)];
        int length = OperationEncoder.EncodeSetPrefix(prefix, Key, Value.Length, absolute, relative, window);
        long size = OperationEncoder.SetSize(Key.Length, Value.Length, absolute, relative, window);
        return new RecordSample(name, RecordKind.Set, [.. prefix.AsSpan(0, length), .. Value], size, fields);
    }
}
