namespace EmbeddedRepl.Replication;

/// <summary>A signal that nobody waits for.</summary>
internal sealed class NoSignal : INodeSignal
{
    public static readonly NoSignal Instance = new();

    public void Set()
    {
    }
}
