using EmbeddedRepl.Replication;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>A signal that wakes nobody and counts how often it was set.</summary>
internal sealed class CountingSignal : INodeSignal
{
    public int Count { get; private set; }

    public void Set() => Count++;
}
