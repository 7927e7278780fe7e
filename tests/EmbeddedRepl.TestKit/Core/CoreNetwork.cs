using EmbeddedRepl.Replication;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>
/// Several cores on one clock, connected as their links want it: a link whose time has come connects to the node that has the name of its target, and
/// bytes are carried until nobody has any. A node that is not there cannot be reached.
/// </summary>
internal sealed class CoreNetwork(ManualTimeProvider time)
{
    /// <summary>As often as production lets time pass, in milliseconds.</summary>
    private const int Tick = 50;

    private readonly Dictionary<string, CoreNode> _nodes = [];
    private readonly List<(CorePair Pair, CoreNode Master, CoreNode Replica)> _connections = [];

    /// <summary>Says whether a piece of work may be done between two nodes now; for connections that stall.</summary>
    public Func<CorePair, bool> MayMove { get; set; } = _ => true;

    /// <summary>Called after each round of work on a connection.</summary>
    public Action<CorePair> Between { get; set; } = _ => { };

    public CoreNode this[string name] => _nodes[name];

    public bool Has(string name) => _nodes.ContainsKey(name);

    public CoreNode Add(string name, CoreNode node)
    {
        _nodes[name] = node;
        return node;
    }

    /// <summary>A node, on its own so far, with one entry of another line; whose master is gone, and which remembers no master, as if it had always followed whom it follows next.</summary>
    public CoreNode MakeStranger()
    {
        CoreNode foreign = Add("foreign", CoreNode.Master(time, seed: 41));
        foreign.Set("strange", "value");
        var stranger = new CoreNode(time, seed: 42);
        stranger.Follow(master: "foreign");
        Add("stranger", stranger);
        Run(200);
        Kill("foreign");
        Kill("stranger");
        stranger.Core.LastFollowedMaster = null;
        return stranger;
    }

    /// <summary>A node dies: its peers see their connections break.</summary>
    public void Kill(string name)
    {
        CoreNode node = _nodes[name];
        _nodes.Remove(name);
        foreach ((CorePair pair, CoreNode master, CoreNode replica) in _connections.ToArray())
        {
            if (master == node || replica == node)
            {
                Lose(pair, master, replica);
            }
        }
    }

    /// <summary>Breaks every connection of a node.</summary>
    public void Break(CoreNode node)
    {
        foreach ((CorePair pair, CoreNode master, CoreNode replica) in _connections.ToArray())
        {
            if (master == node || replica == node)
            {
                Lose(pair, master, replica);
            }
        }
    }

    /// <summary>Lets time pass, in milliseconds, and everything happen that it makes happen.</summary>
    public void Run(long milliseconds)
    {
        Settle();
        for (long passed = 0; passed < milliseconds; passed += Tick)
        {
            time.Advance(TimeSpan.FromMilliseconds(Tick));
            foreach (CoreNode node in _nodes.Values.ToArray())
            {
                node.Core.Tick(node.Now);
            }

            Settle();
        }
    }

    /// <summary>Connects whoever wants to, and carries bytes until nobody has any; no time passes.</summary>
    public void Settle()
    {
        bool moved;
        do
        {
            moved = Connect();
            foreach ((CorePair pair, CoreNode master, CoreNode replica) in _connections.ToArray())
            {
                if (MayMove(pair) && pair.Step())
                {
                    moved = true;
                    Between(pair);
                }
                else if (pair.Link.IsClosed || pair.Session.IsClosed)
                {
                    moved |= Lose(pair, master, replica);
                }
            }
        }
        while (moved);
    }

    private bool Lose(CorePair pair, CoreNode master, CoreNode replica)
    {
        bool removed = _connections.Remove((pair, master, replica));
        pair.Break();
        return removed;
    }

    private bool Connect()
    {
        bool any = false;
        foreach (CoreNode replica in _nodes.Values.ToArray())
        {
            if (replica.Core.Upstream is not { } keeper || !keeper.ShouldConnect(replica.Now))
            {
                continue;
            }

            if (_nodes.TryGetValue(keeper.Target, out CoreNode? master))
            {
                _connections.Add((new CorePair(master, replica, _connections.Count), master, replica));
                any = true;
            }
            else
            {
                keeper.BeginConnect();
                keeper.ConnectFailed("There is no such node.", replica.Now);
            }
        }

        return any;
    }
}
