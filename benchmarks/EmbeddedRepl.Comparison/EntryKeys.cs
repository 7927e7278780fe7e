namespace EmbeddedRepl.Comparison;

/// <summary>Keys of 16 characters, as <c>redis-benchmark</c> makes them.</summary>
internal static class EntryKeys
{
    /// <summary>The size of a value unless a scenario says otherwise.</summary>
    public const int ValueSize = 100;

    public static string Create(int number) => $"key:{number:d12}";

    /// <summary>Keys of random numbers below a bound, in the order of their use.</summary>
    public static string[] CreateSample(int bound, int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Create(random.Next(bound)))];
    }

    /// <summary>The first keys.</summary>
    public static string[] CreateAll(int count)
    {
        var keys = new string[count];
        for (int i = 0; i < count; i++)
        {
            keys[i] = Create(i);
        }

        return keys;
    }
}
