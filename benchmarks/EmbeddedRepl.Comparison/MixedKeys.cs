namespace EmbeddedRepl.Comparison;

/// <summary>Keys of 16 to 24 characters, a different one for each number, that follow from the number.</summary>
internal static class MixedKeys
{
    public const int MaxLength = 24;

    /// <summary>Writes the key of a number.</summary>
    /// <returns>Its length.</returns>
    public static int Format(int number, Span<char> destination)
    {
        // Scrambled, so that neighbours don't share long prefixes; multiplying by an odd number keeps them different.
        uint scrambled = (uint)number * 2654435761;
        int length = 16 + (int)(scrambled % 9);
        "session:".CopyTo(destination);
        scrambled.TryFormat(destination[8..], out _, "x8");
        destination[16..length].Fill('-');
        return length;
    }

    public static string Create(int number)
    {
        Span<char> chars = stackalloc char[MaxLength];
        return new string(chars[..Format(number, chars)]);
    }

    /// <summary>
    /// Keys of random numbers below a bound. They are allocated in the order of their use and shared with nobody, as the keys of incoming requests
    /// are: no contender gains from being asked with the very string that it holds.
    /// </summary>
    public static string[] CreateSample(int bound, int count, int seed)
    {
        Random random = new(seed);
        string[] keys = new string[count];
        for (int i = 0; i < count; i++)
        {
            keys[i] = Create(random.Next(bound));
        }

        return keys;
    }
}
