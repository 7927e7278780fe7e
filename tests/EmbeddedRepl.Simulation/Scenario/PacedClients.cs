using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Callers who call again and again, with pauses that are drawn, until they are stopped.</summary>
internal abstract class PacedClients
{
    private readonly long _pause;

    /// <param name="cluster">Where they are.</param>
    /// <param name="random">What everything that they do is drawn from; at first how long their pauses may be.</param>
    /// <param name="least">The least that the longest pause may be, in microseconds.</param>
    /// <param name="most">The most that it may be.</param>
    protected PacedClients(Cluster cluster, SeededRandom random, long least, long most)
    {
        Cluster = cluster;
        Random = random;
        _pause = random.Scaled(least, most);
    }

    protected Cluster Cluster { get; }

    protected SeededRandom Random { get; }

    /// <summary>Whether they have not been stopped.</summary>
    protected bool IsCalling { get; private set; } = true;

    public void Start() => Cluster.Time.After(0, CallAgain);

    public void Stop() => IsCalling = false;

    /// <summary>What is done between two pauses.</summary>
    protected abstract void CallSome();

    private void CallAgain()
    {
        if (IsCalling)
        {
            CallSome();
            Cluster.Time.After(Random.Between(1, _pause), CallAgain);
        }
    }
}
