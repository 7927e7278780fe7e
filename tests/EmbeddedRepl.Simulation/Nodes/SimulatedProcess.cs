using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Network;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>
/// One life of a node, from start to crash: the production core, and events in the place of <c>Runtime/NodeRuntime</c>. All that it does goes through
/// <see cref="Run"/>, so that it can be frozen (nothing happens until it thaws) and killed (nothing happens any more), and be looked at after each step.
/// </summary>
internal sealed class SimulatedProcess
{
    private const long TickInterval = 50;

    private readonly VirtualTime _time;
    private readonly VirtualNetwork _network;
    private readonly SeededRandom _random;
    private readonly Housekeeping _housekeeping;
    private readonly List<SessionDriver> _sessions = [];
    private readonly List<LinkLoopDriver> _links = [];
    private readonly Queue<Action> _deferred = new();
    private readonly Action<SimulatedProcess> _afterStep;
    private int _depth;
    private long _frozenAt;

    public SimulatedProcess(
        string name,
        int life,
        NodeSettings settings,
        VirtualTime time,
        NodeClock clock,
        VirtualNetwork network,
        SeededRandom random,
        Trace trace,
        Situations situations,
        SeedMemory? memory,
        Action<SimulatedProcess> afterStep)
    {
        Name = name;
        Life = life;
        Clock = clock;
        Trace = trace;
        Situations = situations;
        _time = time;
        _network = network;
        _random = random;
        _afterStep = afterStep;
        Slowness = random.Chance(20) ? random.Scaled(200, 10_000) : 100;
        Events = new EventRecorder(this);
        Watch = new StateWatch(this);
        Span<byte> id = stackalloc byte[RunId.Size];
        random.Fill(id);
        Core = new NodeCore(settings, new RunId(id), random.Fork(), Events, clock, new Lock(), memory);
        _housekeeping = new Housekeeping(Core);
    }

    public string Name { get; }

    /// <summary>How often the node was started before.</summary>
    public int Life { get; }

    public NodeCore Core { get; }

    public NodeClock Clock { get; }

    public EventRecorder Events { get; }

    public Trace Trace { get; }

    public Situations Situations { get; }

    /// <summary>What it is seen to go through.</summary>
    public StateWatch Watch { get; }

    /// <summary>Whether it sends what a node of a newer minor version would send.</summary>
    public bool IsNewer { get; init; }

    /// <summary>The history that its last saved snapshot file is of; none if it saved none.</summary>
    public ReplicationId SavedId { get; set; }

    /// <summary>Whether it ever had a limit of memory; a full sync that began under it keeps it.</summary>
    public bool WasLimited { get; set; }

    /// <summary>Whether it began with the data of its snapshot file.</summary>
    public bool HasLoaded { get; set; }

    /// <summary>What a step or a frame takes it at most, in microseconds.</summary>
    public long Slowness { get; }

    /// <summary>Until then, in microseconds of virtual time, each frame takes it up to <see cref="SlowFrame"/>.</summary>
    public long SlowUntil { get; set; }

    /// <summary>Microseconds.</summary>
    public long SlowFrame { get; set; }

    public bool IsDead { get; private set; }

    public bool IsFrozen { get; private set; }

    public IReadOnlyList<SessionDriver> Sessions => _sessions;

    public LinkLoopDriver? Link => _links.LastOrDefault();

    /// <summary>Wraps each change that this node makes as a master, so that a model can follow it.</summary>
    public Action<SimulatedProcess, Action> Change { get; set; } = (_, change) => change();

    public Moment Now() => Moment.From(Clock);

    public long StepCost() => _random.Chance(80) ? _random.Next(20) : _random.Between(0, Slowness);

    public long FrameCost() => _random.Between(0, _time.Now < SlowUntil ? SlowFrame : Slowness);

    /// <summary>The process that answers at an address now.</summary>
    public SimulatedProcess? Peer(string address) => _network.Resolve(address);

    public void After(long microseconds, Action action) => _time.After(microseconds, () => Run(action));

    public void Run(Action action)
    {
        if (IsDead)
        {
            return;
        }

        if (IsFrozen)
        {
            _deferred.Enqueue(action);
            return;
        }

        _depth++;
        action();
        _depth--;
        if (_depth == 0)
        {
            _afterStep(this);
        }
    }

    /// <summary>Accepts connections, and lets time pass.</summary>
    public void Start()
    {
        lock (Core.Gate)
        {
            Core.BeginListening(Now());
        }

        After(_random.Between(0, TickInterval * 1000), Tick);
    }

    public void BeginLoading(ReplicationRole role)
    {
        lock (Core.Gate)
        {
            Core.BeginLoading(role);
        }
    }

    public void BeginAsMaster()
    {
        lock (Core.Gate)
        {
            Core.BeginAsMaster();
        }
    }

    /// <summary>Asks the replicas first for what this master lacks; <see cref="EventRecorder.WhenRecovered"/> is called when its history begins.</summary>
    public void BeginAsRecoveringMaster()
    {
        lock (Core.Gate)
        {
            Core.BeginAsRecoveringMaster(Now());
        }
    }

    public void StartAsReplica(string master) => Follow(master, isOrdered: false);

    public void Follow(string master, bool isOrdered)
    {
        var loop = new LinkLoopDriver(this, _network);
        lock (Core.Gate)
        {
            loop.Keeper = Core.BeginAsReplica(master, isOrdered, loop.Signal, Now());
        }

        _links.Add(loop);
        loop.Start();
    }

    public void Promote(bool force)
    {
        lock (Core.Gate)
        {
            Core.Promote(force, Now());
        }
    }

    public void Accept(VirtualConnection connection)
    {
        var driver = new SessionDriver(this, connection);
        _sessions.Add(driver);
        driver.Start();
        if (connection.IsBroken)
        {
            driver.Broken();
        }
    }

    public void Forget(SessionDriver driver)
    {
        Watch.ObserveSession(driver);
        _sessions.Remove(driver);
    }

    public void Freeze()
    {
        IsFrozen = true;
        _frozenAt = _time.Now;
        Count(SituationCatalogue.MasterFrozenInSnapshot, Watch.SendsSnapshot);
        Count(SituationCatalogue.ReplicaFrozenInSnapshot, Core.Upstream?.State == ReplicationLinkState.ReceivingSnapshot);
    }

    public void Thaw()
    {
        bool isConnected = Core.IsLinkUp || _sessions.Exists(session => session.Session.HasStreamed);
        Count(SituationCatalogue.FrozenBeyondTimeout, IsFrozen && isConnected && (_time.Now - _frozenAt) / 1000 > Core.Settings.LinkTimeout);
        IsFrozen = false;
        while (!IsFrozen && !IsDead && _deferred.TryDequeue(out Action? action))
        {
            Run(action);
        }
    }

    /// <summary>Ends this life at once.</summary>
    /// <param name="isHeard">Whether the peers are told, as an operating system does that outlives the process.</param>
    public void Kill(bool isHeard)
    {
        IsDead = true;
        foreach (VirtualConnection connection in _sessions.Select(session => session.Connection)
            .Concat(_links.Where(link => link.Driver is not null).Select(link => link.Driver!.Connection)).ToArray())
        {
            if (!isHeard)
            {
                connection.ToMaster.Faults.SilentAt = 0;
                connection.ToReplica.Faults.SilentAt = 0;
            }

            connection.Break();
        }
    }

    private void Count(Situation situation, bool isSo)
    {
        if (isSo)
        {
            Situations.Count(situation);
        }
    }

    private void Tick()
    {
        bool more = false;
        lock (Core.Gate)
        {
            Moment now = Now();
            Core.Tick(now);
            foreach (SessionDriver session in _sessions.ToArray())
            {
                session.AbortIfOverdue(now);
            }

            _links.RemoveAll(link => link.IsFinished);
            foreach (LinkLoopDriver link in _links)
            {
                link.AbortIfOverdue(now);
            }

            Change(this, () => more = _housekeeping.Run(now));
        }

        After((more ? 1 : TickInterval) * 1000, Tick);
    }
}
