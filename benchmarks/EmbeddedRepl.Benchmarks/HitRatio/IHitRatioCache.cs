namespace EmbeddedRepl.Benchmarks.HitRatio;

/// <summary>A cache that is asked for a key and gets it set if it does not have it.</summary>
internal interface IHitRatioCache
{
    /// <returns>Whether it had the key.</returns>
    bool Access(int key);
}
