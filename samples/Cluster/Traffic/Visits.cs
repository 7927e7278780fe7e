namespace EmbeddedRepl.Samples.Cluster.Traffic;

/// <summary>
/// The keys that come and go: written with a short time to live, deleted now and then. A read may miss them at any time, but
/// what it finds must have been written for that key.
/// </summary>
internal sealed class Visits
{
    private const int KeyCount = 500;

    private long _newestWrite;

    /// <summary>How long a visit lasts.</summary>
    public static TimeSpan TimeToLive { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Picks one of the keys.</summary>
    public static string AnyKey() => $"visit:{Random.Shared.Next(KeyCount):D3}";

    /// <summary>Makes the next value of a key.</summary>
    public byte[] NextValue(string key) => Payload.Create(key, Interlocked.Increment(ref _newestWrite));

    /// <summary>Judges what a node answered.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Judge(string nodeName, string key, byte[]? value)
    {
        bool isRight = value is null
            || (Payload.TryRead(key, value, out long sequence) && sequence <= Interlocked.Read(ref _newestWrite));
        return isRight ? null : $"{nodeName} has a value of {key} that was never written";
    }
}
