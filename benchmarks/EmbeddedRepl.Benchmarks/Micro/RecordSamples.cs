using System.Buffers;
using System.Text;
using EmbeddedRepl.Comparison;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Benchmarks.Micro;

/// <summary>Records as they stand in the stream.</summary>
internal static class RecordSamples
{
    public static byte[] Key(int number) => Encoding.UTF8.GetBytes(EntryKeys.Create(number));

    /// <summary>A set of each of the first numbers, one behind the other.</summary>
    public static byte[] Sets(int count)
    {
        var records = new ArrayBufferWriter<byte>();
        for (int i = 0; i < count; i++)
        {
            byte[] key = Key(i);
            byte[] value = EntryValues.Create(i);
            Span<byte> prefix = records.GetSpan(RecordEncoder.MaxPrefixSize(key.Length));
            records.Advance(RecordEncoder.EncodeSetPrefix(prefix, key, value.Length, deadline: 0, window: 0, cap: 0));
            records.Write(value);
        }

        return records.WrittenSpan.ToArray();
    }
}
