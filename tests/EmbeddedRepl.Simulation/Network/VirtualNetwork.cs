using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Network;

/// <summary>Finds nodes by address, makes connections, and lets a scenario decide how good each of them is.</summary>
internal sealed class VirtualNetwork(VirtualTime time, SeededRandom random)
{
    private readonly List<VirtualConnection> _connections = [];
    private int _made;

    /// <summary>Who answers at an address; null for nobody.</summary>
    public Func<string, SimulatedProcess?> Resolve { get; set; } = _ => null;

    /// <summary>Whether packets from the first to the second node get lost before there is a connection.</summary>
    public Func<string, string, bool> IsUnreachable { get; set; } = (_, _) => false;

    public Func<LinkQuality> NextQuality { get; set; } = () => LinkQuality.Perfect;

    /// <summary>Called with each new connection, before a byte is sent: the place to plan its faults.</summary>
    public Action<VirtualConnection> Opened { get; set; } = _ => { };

    public IReadOnlyList<VirtualConnection> Live
    {
        get
        {
            _connections.RemoveAll(connection => connection.IsBroken);
            return _connections;
        }
    }

    public void Connect(SimulatedProcess from, string to, Action<VirtualConnection> connected, Action<string> failed)
    {
        LinkQuality quality = NextQuality();
        if (IsUnreachable(from.Name, to))
        {
            from.After(from.Core.Settings.ConnectTimeout * 1000, () => failed("The connection timed out."));
            return;
        }

        time.After(quality.Latency * 2, () => from.Run(() =>
        {
            if (Resolve(to) is not { } target)
            {
                failed("The connection was refused.");
                return;
            }

            var connection = new VirtualConnection(time, random.Fork(), quality, ++_made, from.Name, to);
            _connections.Add(connection);
            Opened(connection);
            connected(connection);
            target.Run(() => target.Accept(connection));
        }));
    }
}
