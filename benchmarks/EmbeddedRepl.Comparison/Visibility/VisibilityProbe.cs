using EmbeddedRepl.Comparison.Nodes;
using EmbeddedRepl.Comparison.Redis;

namespace EmbeddedRepl.Comparison.Visibility;

/// <summary>Measures how long a write on a master takes to be visible on a node below it: ours, each in its own process, and Redis, by two clients.</summary>
internal sealed class VisibilityProbe
{
    private long _next = 1;

    /// <summary>Entries a second that the last measurement reached.</summary>
    public double PerSecond { get; private set; }

    /// <summary>From the call of Set on the master to the value that TryGet returns in the other process.</summary>
    public Delays Ours(NodeProcess master, NodeProcess replica, int writes, int perSecond)
    {
        CounterLoad load = Next(writes, perSecond);
        replica.Begin($"watch {load.Format()}");
        CounterWriting writing = CounterWriting.Parse(master.Ask($"count {load.Format()}"));
        PerSecond = writing.PerSecond;
        return Delays.Of(load, writing, Sightings.Parse(replica.Answer()));
    }

    /// <summary>From before the SET is sent to the answer of the GET that shows the value. One thread sets, another one looks.</summary>
    public Delays Theirs(RedisServer master, RedisServer replica, int writes, int perSecond)
    {
        CounterLoad load = Next(writes, perSecond);
        Task<List<Sighting>> watch = Task.Factory.StartNew(
            () =>
            {
                using var counter = new RedisCounter(replica);
                return CounterWatch.Run(counter, load);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        using var writer = new RedisCounter(master);
        CounterWriting writing = CounterWriting.Run(writer, load);
        PerSecond = writing.PerSecond;
        return Delays.Of(load, writing, watch.GetAwaiter().GetResult());
    }

    private CounterLoad Next(int writes, int perSecond)
    {
        long first = _next;
        _next += writes;
        return new CounterLoad(first, writes, perSecond, SeenSignal.NewPlace());
    }
}
