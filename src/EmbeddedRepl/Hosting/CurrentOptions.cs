namespace EmbeddedRepl.Hosting;

/// <summary>
/// The options of one cache that are in force: the last ones that were valid and could be applied. Not those of an options monitor, which throws
/// at everybody who asks as long as a file is wrong. Thread-safe.
/// </summary>
internal sealed class CurrentOptions(ReplicatedCacheOptions initial)
{
    private ReplicatedCacheOptions _value = initial;

    /// <summary>Not to be changed; replaced as a whole.</summary>
    public ReplicatedCacheOptions Value
    {
        get => Volatile.Read(ref _value);
        set => Volatile.Write(ref _value, value);
    }
}
