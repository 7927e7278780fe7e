namespace EmbeddedRepl.Comparison.Model;

/// <summary>What a node may use.</summary>
/// <param name="Cores">Processor for the cache; the rest is the application's.</param>
/// <param name="NetworkBytes">Bytes a second that a node can send.</param>
/// <param name="MemoryBytes">Memory for the cache.</param>
/// <param name="ConcurrentFullSyncs"><c>MaxConcurrentFullSyncs</c>.</param>
/// <param name="MaxReplicas"><c>MaxReplicas</c>.</param>
/// <param name="RestartSeconds">How long a cluster may take until all of it has data again.</param>
internal sealed record Machine(double Cores, double NetworkBytes, double MemoryBytes, int ConcurrentFullSyncs, int MaxReplicas, double RestartSeconds)
{
    /// <summary>A core, half of 10 Gbit/s, 16 GiB, ten minutes, and the options' defaults.</summary>
    public static Machine Usual { get; } = new(Cores: 1, NetworkBytes: 1.25e9 / 2, MemoryBytes: 16.0 * (1 << 30), ConcurrentFullSyncs: 2, MaxReplicas: 128, RestartSeconds: 600);
}
