using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Forwarding;

/// <summary>Nodes with a clock each, which run equally fast and may show different times, and links between them that a test makes and breaks.</summary>
internal sealed class ClockedNodes
{
    /// <summary>As often as production lets time pass, in milliseconds.</summary>
    private const int Tick = 50;

    private readonly List<(CoreNode Node, Housekeeping Housekeeping)> _nodes = [];
    private readonly List<CorePair> _links = [];
    private int _seed;

    public CoreNode AddMaster(long skew = 0) => Add(skew, CoreNode.Master);

    public CoreNode AddReplica(CoreNode above, long skew = 0)
    {
        CoreNode node = Add(skew, CoreNode.Replica);
        Connect(above, node);
        return node;
    }

    public CorePair Connect(CoreNode above, CoreNode below)
    {
        if (below.Core.Upstream is null)
        {
            below.Follow();
        }

        var link = new CorePair(above, below, ++_seed);
        _links.Add(link);
        Settle();
        return link;
    }

    public void Break(CorePair link)
    {
        _links.Remove(link);
        link.Break();
    }

    /// <summary>A node is gone, with its links.</summary>
    public void Kill(CoreNode node, params CorePair[] links)
    {
        _nodes.RemoveAll(one => one.Node == node);
        foreach (CorePair link in links)
        {
            Break(link);
        }
    }

    public CorePair LinkOf(CoreNode below) => _links.Find(link => link.Link == below.Core.Upstream?.Link)!;

    /// <summary>Lets time pass everywhere, and everything happen that it makes happen.</summary>
    /// <param name="milliseconds">How much.</param>
    /// <param name="meanwhile">Called after each step.</param>
    public void Run(long milliseconds, Action? meanwhile = null)
    {
        for (long passed = 0; passed < milliseconds; passed += Tick)
        {
            foreach ((CoreNode node, Housekeeping housekeeping) in _nodes)
            {
                node.Advance(Math.Min(Tick, milliseconds - passed));
                housekeeping.Run(node.Now);
            }

            Settle();
            meanwhile?.Invoke();
        }
    }

    /// <summary>Carries bytes until nobody has any; no time passes.</summary>
    public void Settle()
    {
        bool moved;
        do
        {
            moved = false;
            foreach (CorePair link in _links)
            {
                moved |= link.Step();
            }
        }
        while (moved);
    }

    /// <summary>Sets a sliding entry, as a caller on the master does.</summary>
    public static void SetSliding(CoreNode master, string key, long window, long cap = 0)
    {
        long deadline = master.Now.UtcMilliseconds + window;
        master.Set(key, [1], new EntryExpiration(cap == 0 ? deadline : Math.Min(deadline, cap), window, cap));
    }

    /// <summary>The deadline that all nodes agree on, of the master's clock; 0 if there is no such entry.</summary>
    public static long DeadlineOn(CoreNode node, string key) =>
        node.Core.Data.Store.TryGetMetadata(key, out EntryMetadata metadata) == ReadOutcome.Hit ? metadata.Expiration.Deadline : 0;

    /// <summary>Whether a read would find it, by what the node was told and not by reads there; the reading does not count as one.</summary>
    public static bool IsAlive(CoreNode node, string key) => node.Now.UtcMilliseconds < DeadlineOn(node, key);

    private CoreNode Add(long skew, Func<ManualTimeProvider, NodeSettings?, int, CoreNode> make)
    {
        var time = new ManualTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMilliseconds(skew));
        CoreNode node = make(time, null, _nodes.Count + 1);
        _nodes.Add((node, new Housekeeping(node.Core)));
        return node;
    }
}
