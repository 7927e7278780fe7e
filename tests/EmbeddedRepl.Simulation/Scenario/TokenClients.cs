using EmbeddedRepl.Facade;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Callers that go from node to node: write on one, or read there, take the token along, wait for it at another one and read.</summary>
internal sealed class TokenClients(Cluster cluster, SeededRandom random, bool forwards)
{
    /// <summary>Waits at a time: each is looked at after each step of its node.</summary>
    private const int Most = 30;

    private readonly long _pause = random.Scaled(2_000, 100_000);
    private int _writes;
    private bool _isCalling = true;

    public void Start() => cluster.Time.After(0, CallSome);

    public void Stop() => _isCalling = false;

    /// <summary>Everybody is released, and what the root has in the end gets everywhere.</summary>
    public void CheckEverythingEnds(SimulatedNode root)
    {
        string token = TokenOf(root);
        TokenWait?[] last = [.. cluster.Nodes.Select(node => Wait(node, token, key: null, timeout: 20_000))];
        cluster.RunUntil(() => cluster.Tokens.IsSettled, "every wait for a token has ended", 30_000);
        if (Array.Exists(last, wait => wait is not { State: PositionWaitState.Reached }))
        {
            throw new SimulationFailedException($"Not all nodes got what {root.Name} had. {cluster.Describe()}");
        }

        if (cluster.Nodes.Any(node => node.Process!.Core.PositionWaits is not { Count: 0, NextOffset: long.MaxValue, NextDeadline: long.MaxValue }))
        {
            throw new SimulationFailedException("A node keeps something of waits that are over.");
        }

        foreach ((PositionWaitState end, int count) in cluster.Tokens.Ends)
        {
            cluster.Situations.Count($"wait for a token ended: {end}", count);
        }
    }

    private void CallSome()
    {
        if (!_isCalling)
        {
            return;
        }

        if (cluster.Tokens.Count < Most)
        {
            CallOne();
        }

        cluster.Time.After(random.Between(1, _pause), CallSome);
    }

    private void CallOne()
    {
        SimulatedNode node = random.Pick<SimulatedNode>([.. cluster.Nodes]);
        string key = $"token {random.Next(10)}";
        if (node.TakesWrites && random.Chance(80))
        {
            Write(node, key);
        }
        else if (forwards && node.IsStreaming && random.Chance(80))
        {
            if (cluster.Forward(node, default, (key, (int)random.Scaled(1, 200))) is { } call)
            {
                LookAt(call);
            }
        }
        else if (node.Process is not null)
        {
            // A reader: whatever it saw here, it sees there.
            GoOn(TokenOf(node), key: null);
        }
    }

    private void Write(SimulatedNode node, string key) => node.Process?.Run(() =>
    {
        NodeCore core = node.Process!.Core;
        if (!core.IsSettledMaster)
        {
            // It was frozen when its caller came, and woke up as something else.
            return;
        }

        cluster.Model.Follow(node.Process, () => core.Set(core.Data.Store.MakeKey(ModelKey.Bytes(KeyOf(key))), new(BitConverter.GetBytes(_writes++)), default));
        GoOn(ConsistencyToken.Print(core.Written(hasChanged: true).Position), key);
    });

    private void LookAt(ForwardedCall call)
    {
        if (!call.IsOver)
        {
            cluster.Time.After(random.Between(1, 5_000), () => LookAt(call));
        }
        else if (call.End == ForwardedWriteEnd.Done)
        {
            GoOn(ConsistencyToken.Print(new StreamPosition(call.Id, call.Offset)), call.Keys[0]);
        }
    }

    /// <summary>At another node, some time later.</summary>
    private void GoOn(string token, string? key) => cluster.Time.After(random.Chance(50) ? 0 : random.Scaled(1, 200_000), () =>
    {
        if (Wait(random.Pick<SimulatedNode>([.. cluster.Nodes]), token, key, random.Chance(10) ? 0 : random.Scaled(20, 10_000)) is { IsOver: false } wait && random.Chance(10))
        {
            cluster.Time.After(random.Scaled(1, 1_000_000), () => wait.Process.Run(() =>
            {
                lock (wait.Process.Core.Gate)
                {
                    wait.Process.Core.PositionWaits.Cancel(wait);
                }
            }));
        }
    });

    private TokenWait? Wait(SimulatedNode node, string token, string? key, long timeout)
    {
        TokenWait? begun = null;
        node.Process?.Run(() =>
        {
            if (!ConsistencyToken.TryParse(token, out StreamPosition position, out string? problem))
            {
                throw new SimulationFailedException(problem);
            }

            SimulatedProcess process = node.Process!;
            HistoryModel history = position.Id.IsNone ? HistoryModel.Nothing : cluster.Model[position.Id];
            var wait = new TokenWait(process, cluster.Tokens, position, process.Now().Milliseconds + timeout, history, key is null ? null : KeyOf(key));
            begun = wait;
            lock (process.Core.Gate)
            {
                process.Core.PositionWaits.Begin(wait, process.Now());
            }

            if (!wait.IsOver)
            {
                cluster.Tokens.Add(wait);
            }
        });
        return begun;
    }

    private static string TokenOf(SimulatedNode node)
    {
        NodeCore core = node.Process!.Core;
        lock (core.Gate)
        {
            return ConsistencyToken.Print(core.Data.Position);
        }
    }

    private static string KeyOf(string key)
    {
        byte[] bytes = new byte[Storage.KeyCodec.GetByteCount(key)];
        Storage.KeyCodec.Encode(key, bytes);
        return ModelKey.Of(bytes);
    }
}
