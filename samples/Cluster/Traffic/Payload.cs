using System.Buffers.Text;
using System.Text;

namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>
/// Values that prove where they come from: a value is a function of its key and of the number of the write, so a reader can
/// tell a value that was really written from one that is torn, mixed up, or another key's.
/// </summary>
internal static class Payload
{
    private const byte Separator = (byte)'|';

    /// <summary>Makes the value of one write.</summary>
    /// <param name="key">The key that is written.</param>
    /// <param name="sequence">The number of the write.</param>
    public static byte[] Create(string key, long sequence)
    {
        byte[] head = Encoding.UTF8.GetBytes($"{key}|{sequence}|");
        ulong state = Mix(head);

        // Mostly small, as cache entries are; one in a hundred needs several network packets.
        int tail = state % 100 == 0 ? 20_000 : (int)(state >> 32) % 400;
        byte[] value = new byte[head.Length + Math.Abs(tail)];
        head.CopyTo(value, 0);
        foreach (ref byte letter in value.AsSpan(head.Length))
        {
            state = (state * 6364136223846793005) + 1442695040888963407;
            letter = (byte)('a' + ((state >> 33) % 26));
        }

        return value;
    }

    /// <summary>Finds out which write of a key made a value.</summary>
    /// <returns>False if none did.</returns>
    public static bool TryRead(string key, byte[] value, out long sequence)
    {
        sequence = 0;
        int start = Encoding.UTF8.GetByteCount(key) + 1;
        return value.Length > start
            && Utf8Parser.TryParse(value.AsSpan(start), out sequence, out int digits)
            && start + digits < value.Length
            && value[start + digits] == Separator
            && value.AsSpan().SequenceEqual(Create(key, sequence));
    }

    // FNV-1a: any fixed hash does; .NET's own differ from process to process.
    private static ulong Mix(byte[] text)
    {
        ulong hash = 14695981039346656037;
        foreach (byte letter in text)
        {
            hash = (hash ^ letter) * 1099511628211;
        }

        return hash;
    }
}
