using EmbeddedRepl.Replication;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>A wait for a position whose caller is a test: it only remembers how it ended.</summary>
internal sealed class TestPositionWait(StreamPosition position, long deadline = long.MaxValue) : PositionWait(position, deadline)
{
    /// <summary>How often it ended; never more than once.</summary>
    public int Ends { get; private set; }

    /// <summary>Begins it on a node.</summary>
    public static TestPositionWait On(CoreNode node, StreamPosition position, long? timeout = null)
    {
        var wait = new TestPositionWait(position, timeout is { } time ? node.Now.Milliseconds + time : long.MaxValue);
        node.Core.PositionWaits.Begin(wait, node.Now);
        return wait;
    }

    protected override void OnEnded() => Ends++;
}
