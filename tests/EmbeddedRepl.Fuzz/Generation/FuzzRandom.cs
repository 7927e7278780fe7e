using System.Runtime.InteropServices;

namespace EmbeddedRepl.Fuzz.Generation;

/// <summary>Cheap random numbers that are set anew for each input, so that every input can be made again by its number. Not thread-safe.</summary>
internal sealed class FuzzRandom
{
    private ulong _state;

    /// <summary>Begins the numbers of one input.</summary>
    public void Reset(ulong seed, ulong input) => _state = (seed * 0x9E3779B97F4A7C15) ^ ((input + 1) * 0xD1B54A32D192ED03);

    public ulong Next64()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to below the limit.</summary>
    public int Next(int limit) => (int)(((Next64() >> 32) * (ulong)limit) >> 32);

    /// <summary>From the first to below the second.</summary>
    public int Next(int from, int to) => from + Next(to - from);

    public bool OneIn(int count) => Next(count) == 0;

    public void Fill(Span<byte> bytes)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ref ulong word in words)
        {
            word = Next64();
        }

        for (int i = words.Length * sizeof(ulong); i < bytes.Length; i++)
        {
            bytes[i] = (byte)Next64();
        }
    }

    /// <summary>A number such as protocols stumble over: small, around a power of two, or the largest.</summary>
    public long NonNegative() => Next(6) switch
    {
        0 => Next(3),
        1 => Next(1_000),
        2 => Math.Max(0, (1L << Next(63)) + Next(-1, 2)),
        3 => long.MaxValue - Next(3),
        4 => 1_700_000_000_000 + Next(1_000_000_000),
        _ => (long)(Next64() >> Next(1, 64)),
    };

    /// <summary>Such a number within bounds.</summary>
    public int Within(int min, int max) => OneIn(3) ? min : OneIn(3) ? max : (int)(min + (long)(Next64() % (ulong)((long)max - min + 1)));

    /// <summary>Few bytes mostly, now and then up to the limit.</summary>
    public int Length(int limit) => OneIn(40) ? Next(limit + 1) : Next(Math.Min(limit, 24) + 1);

    public byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        Fill(bytes);
        return bytes;
    }
}
