using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Network;

/// <summary>A connection between two nodes. It ends by both ends finishing, or by breaking, when what is under way is lost.</summary>
internal sealed class VirtualConnection
{
    private readonly VirtualTime _time;

    public VirtualConnection(VirtualTime time, SeededRandom random, LinkQuality quality, int number, string from, string to)
    {
        _time = time;
        Number = number;
        From = from;
        To = to;
        ToMaster = new VirtualPipe(time, random.Fork(), quality, this);
        ToReplica = new VirtualPipe(time, random.Fork(), quality, this);
    }

    public int Number { get; }

    public string From { get; }

    public string To { get; }

    /// <summary>From the end that connected to the end that accepted.</summary>
    public VirtualPipe ToMaster { get; }

    public VirtualPipe ToReplica { get; }

    public bool IsBroken { get; private set; }

    public bool WasCorrupted => ToMaster.WasCorrupted || ToReplica.WasCorrupted;

    /// <summary>Tells the end that accepted that the connection broke.</summary>
    public Action? MasterBroken { get; set; }

    /// <summary>Tells the end that connected that the connection broke.</summary>
    public Action? ReplicaBroken { get; set; }

    /// <summary>Breaks the connection. An end whose incoming direction has gone silent is not told: that is what half-open means.</summary>
    public void Break()
    {
        if (IsBroken)
        {
            return;
        }

        bool masterHears = !ToMaster.IsSilent;
        bool replicaHears = !ToReplica.IsSilent;
        IsBroken = true;
        if (masterHears)
        {
            _time.After(0, () => MasterBroken?.Invoke());
        }

        if (replicaHears)
        {
            _time.After(0, () => ReplicaBroken?.Invoke());
        }
    }
}
