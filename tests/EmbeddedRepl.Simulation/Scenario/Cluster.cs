using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Network;
using EmbeddedRepl.Simulation.Nodes;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Nodes, network, time and the model that watches them: what every scenario is made of.</summary>
internal sealed class Cluster
{
    private readonly List<SimulatedNode> _nodes = [];

    /// <param name="seed">What it draws from.</param>
    /// <param name="trace">Where to tell what happens; null for nowhere.</param>
    /// <param name="memory">Where all stores take memory from; null if each node has its own.</param>
    public Cluster(ulong seed, TextWriter? trace = null, SeedMemory? memory = null)
    {
        Memory = memory;
        Random = new SeededRandom(seed);
        Trace = new Trace(Time, trace);
        Ledger = new WriteLedger(Model);
        Tokens = new TokenLedger(Model);
        Comparisons = new ComparisonLedger(Model);
        Model.WhenChanged = Changed;
        Network = new VirtualNetwork(Time, Random.Fork())
        {
            Resolve = name => _nodes.Find(node => node.Name == name)?.Process,
        };
    }

    public VirtualTime Time { get; } = new();

    public SeededRandom Random { get; }

    public Trace Trace { get; }

    public SeedMemory? Memory { get; }

    public Situations Situations { get; } = new();

    public VirtualNetwork Network { get; }

    public ReferenceModel Model { get; } = new();

    /// <summary>What callers on replicas wrote.</summary>
    public WriteLedger Ledger { get; }

    /// <summary>What callers take along from node to node.</summary>
    public TokenLedger Tokens { get; }

    /// <summary>What callers wrote on the condition that an entry has a version.</summary>
    public ComparisonLedger Comparisons { get; }

    /// <summary>Where each value was written.</summary>
    public ValueOrigins Origins { get; } = new();

    /// <summary>What people have decided.</summary>
    public WipeGuard Wipes { get; } = new();

    /// <summary>Called with each process that begins, before it does anything.</summary>
    public Action<SimulatedProcess> Started { get; set; } = _ => { };

    public SyncModel Syncs => field ??= new SyncModel(Model);

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>Who watches a process; null if it has died.</summary>
    public NodeChecker? FindChecker(RunId runId) => _nodes.FirstOrDefault(node => node.Process?.Core.RunId == runId)?.Checker;

    /// <summary>What the processes that died had seen.</summary>
    public List<NodeTally> Buried { get; } = [];

    public bool WasOverridden { get; set; }

    /// <summary>Whether a master that starts asks its replicas for what it lacks before it accepts writes.</summary>
    public bool MastersRecover { get; set; }

    public SimulatedNode Add(string name, NodeSettings settings, string? master = null, TimeSpan skew = default, bool isNewer = false)
    {
        var node = new SimulatedNode(this, name, settings, new NodeClock(Time, skew)) { ConfiguredMaster = master, IsNewer = isNewer };
        _nodes.Add(node);
        return node;
    }

    public SimulatedNode this[string name] => _nodes.Find(node => node.Name == name)!;

    /// <summary>Sets an entry as a caller does: the key is hashed first, and the gate is taken some time later.</summary>
    public void Set(SimulatedNode node, string key, byte[] value, WriteExpiration expiration = default, bool atOnce = true) => Prepare(node, key, atOnce, (core, bytes, store, hash) =>
    {
        EntryExpiration resolved = DeadlineClock.Resolve(expiration, node.Process!.Clock);
        core.Set(core.KeyFor(store, new StoreKey(bytes, hash)), Segmented(value), resolved);
    });

    public void Remove(SimulatedNode node, string key, bool atOnce = true) =>
        Prepare(node, key, atOnce, (core, bytes, store, hash) => core.Remove(core.KeyFor(store, new StoreKey(bytes, hash))));

    public void Clear(SimulatedNode node) => Prepare(node, "", atOnce: true, (core, _, _, _) => core.Clear());

    /// <summary>Sets entries through a replica, in one request; the ledger follows it from then on.</summary>
    /// <returns>Null if the node is down or a master, or refuses before it begins.</returns>
    public ForwardedCall? Forward(SimulatedNode node, WriteExpiration expiration, params (string Key, int Size)[] sets)
    {
        ForwardedCall? begun = null;
        node.Process?.Run(() =>
        {
            SimulatedProcess process = node.Process!;
            if (process.Core.Role != ReplicationRole.Replica)
            {
                return;
            }

            var buffer = new OperationBuffer(0);
            int first = Ledger.Next;
            for (int i = 0; i < sets.Length; i++)
            {
                buffer.AddSet(sets[i].Key, Segmented(WriteLedger.Value(first + i, sets[i].Size)), expiration);
            }

            (byte[] bytes, int length) = buffer.Take();
            var call = new ForwardedCall(process, Ledger, bytes, length, first, [.. sets.Select(set => set.Key)]);
            try
            {
                lock (process.Core.Gate)
                {
                    process.Core.Forwarder.Begin(call, process.Now());
                }

                Ledger.Add(call);
                begun = call;
            }
            catch (ReplicatedCacheException)
            {
                call.ReleaseBytes();
                Situations.Count("forwarded write refused before it began");
                CountRefusal(process);
            }
        });
        return begun;
    }

    /// <summary>Lets time pass until a condition holds.</summary>
    /// <exception cref="SimulationFailedException">It did not within the given virtual time.</exception>
    public void RunUntil(Func<bool> condition, string what, long milliseconds = 60_000)
    {
        if (!condition() && !Time.RunUntil(Time.Now + (milliseconds * 1000), condition))
        {
            throw new SimulationFailedException($"Within {milliseconds} ms it did not come true that {what}. {Describe()}");
        }
    }

    /// <summary>Lets time pass, or less of it if so much happens in it that others should have their turn.</summary>
    public void Run(long milliseconds, long mostEvents = long.MaxValue)
    {
        long end = mostEvents == long.MaxValue ? mostEvents : Time.EventsRun + mostEvents;
        Time.RunUntil(Time.Now + (milliseconds * 1000), () => Time.EventsRun >= end);
    }

    /// <summary>Whether a node serves the same as another one and streams.</summary>
    public static bool IsEqual(SimulatedNode replica, SimulatedNode root)
    {
        if (replica.Process is not { } a || root.Process is not { } b || !replica.IsStreaming)
        {
            return false;
        }

        DataSet mine = a.Core.Data;
        DataSet theirs = b.Core.Data;
        return mine.History.Id == theirs.History.Id && mine.Offset == theirs.Offset;
    }

    /// <summary>Waits until all nodes have what the root has, then compares all of it entry by entry.</summary>
    public void RunUntilEqual(SimulatedNode root, long milliseconds = 60_000)
    {
        RunUntil(() => _nodes.All(node => node == root || IsEqual(node, root)), $"all nodes are equal to {root.Name}", milliseconds);
        CheckEverything();
    }

    public void CheckEverything()
    {
        foreach (SimulatedNode node in _nodes)
        {
            node.Checker?.CheckEverything();
            if (node.Process is { } process)
            {
                process.Events.Tally.CheckAgainst(process);
            }
        }
    }

    public string Describe() => string.Join("; ", _nodes.Select(node => node.Process is { } process
        ? $"{node.Name} {process.Core.Role} {Short(process.Core.Data)} -> {node.Target} {process.Core.Upstream?.State} {process.Core.Upstream?.DownReason}"
        : $"{node.Name} down"));

    private static string Short(DataSet data) => $"{(data.HasHistory ? data.History.Id.ToString()[..6] : "none")}:{data.Offset}";

    private delegate void Write(NodeCore core, byte[] key, CacheStore hashedFor, ulong hash);

    private void Prepare(SimulatedNode node, string key, bool atOnce, Write write) => node.Process?.Run(() =>
    {
        SimulatedProcess process = node.Process!;
        byte[] bytes = new byte[KeyCodec.GetByteCount(key)];
        KeyCodec.Encode(key, bytes);
        CacheStore store = process.Core.Data.Store;
        ulong hash = store.MakeKey(bytes).Hash;
        if (atOnce)
        {
            Apply();
        }
        else
        {
            process.After(process.FrameCost(), Apply);
        }

        void Apply()
        {
            if (!ReferenceEquals(store, process.Core.Data.Store))
            {
                Situations.Count("key hashed for a data set that was swapped meanwhile");
            }

            if (!process.Core.IsSettledMaster)
            {
                RefuseWrite(process, () => write(process.Core, bytes, store, hash));
                return;
            }

            Model.Follow(process, () => write(process.Core, bytes, store, hash));
        }
    });

    /// <summary>A forwarded write was refused before anything of it was sent.</summary>
    public void CountRefusal(SimulatedProcess process)
    {
        if (process.Core.Upstream?.Link is { State: ReplicationLinkState.Streaming, CanForward: false })
        {
            Situations.Count(SituationCatalogue.OlderTakesNoWrites);
        }
    }

    private void Changed(HistoryModel history, ModelChange change)
    {
        if (change is { Kind: RecordKind.Set, After: { } entry })
        {
            Origins.Written(history, entry.Value);
            Ledger.Applied(history, entry.Value);
        }

        Comparisons.Changed(history, change);
        if (history.Writer is { } writer)
        {
            writer.Watch.Recorded(change.Kind, change.Key, change.Before);
            if (_nodes.Exists(node => node.TakesWrites && node.Process != writer && PartedFrom(history, Model[node.Process!.Core.Data.History.Id])))
            {
                Situations.Count(SituationCatalogue.TwoMasters);
            }
        }
    }

    private static bool PartedFrom(HistoryModel written, HistoryModel other) => other.Origin == written.Origin && !other.Contains(written, written.End);

    private void RefuseWrite(SimulatedProcess process, Action write)
    {
        long before = process.Core.Data.Offset;
        try
        {
            lock (process.Core.Gate)
            {
                write();
            }
        }
        catch (ReadOnlyReplicaException)
        {
            Situations.Count(SituationCatalogue.WriteRefusedByReplica);
            return;
        }
        catch (ReplicatedCacheException) when (process.Core.IsLoading)
        {
            Situations.Count("write refused while the snapshot file is loaded");
            return;
        }
        catch (RecoveringMasterException)
        {
            Situations.Count(SituationCatalogue.WriteRefusedInRecovery);
            return;
        }

        throw new SimulationFailedException($"{process.Name} is a replica, or recovers, and accepted a write at {before}.");
    }

    private ReadOnlySequence<byte> Segmented(byte[] value)
    {
        if (value.Length < 2 || Random.Chance(70))
        {
            return new ReadOnlySequence<byte>(value);
        }

        int cut = Random.Next(value.Length);
        var last = new Segment(value.AsMemory(cut), cut);
        var first = new Segment(value.AsMemory(0, cut), 0) { Following = last };
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Segment Following
        {
            init => Next = value;
        }
    }
}
