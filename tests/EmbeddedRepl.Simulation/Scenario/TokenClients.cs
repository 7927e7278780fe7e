using EmbeddedRepl.Facade;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>Callers that go from node to node: write on one, or read there, take the token along, wait for it at another one and read.</summary>
internal sealed class TokenClients(Cluster cluster, SeededRandom random, bool forwards) : PacedClients(cluster, random, least: 2_000, most: 100_000)
{
    /// <summary>Waits at a time: each is looked at after each step of its node.</summary>
    private const int Most = 30;

    private int _writes;

    /// <summary>Everybody is released, and what the root has in the end gets everywhere.</summary>
    public void CheckEverythingEnds(SimulatedNode root)
    {
        string token = TokenOf(root);
        TokenWait?[] last = [.. Cluster.Nodes.Select(node => Wait(node, token, key: null, timeout: 20_000))];
        Cluster.RunUntil(() => Cluster.Tokens.IsSettled, "every wait for a token has ended", 30_000);
        if (Array.Exists(last, wait => wait is not { State: PositionWaitState.Reached }))
        {
            throw new SimulationFailedException($"Not all nodes got what {root.Name} had. {Cluster.Describe()}");
        }

        if (Cluster.Nodes.Any(node => node.Process!.Core.PositionWaits is not { Count: 0, NextOffset: long.MaxValue, NextDeadline: long.MaxValue }))
        {
            throw new SimulationFailedException("A node keeps something of waits that are over.");
        }

        foreach ((PositionWaitState end, int count) in Cluster.Tokens.Ends)
        {
            Cluster.Situations.Count($"wait for a token ended: {end}", count);
        }
    }

    protected override void CallSome()
    {
        if (Cluster.Tokens.Count < Most)
        {
            CallOne();
        }
    }

    private void CallOne()
    {
        SimulatedNode node = Random.Pick<SimulatedNode>([.. Cluster.Nodes]);
        string key = $"token {Random.Next(10)}";
        if (node.TakesWrites && Random.Chance(80))
        {
            Write(node, key);
        }
        else if (forwards && node.IsStreaming && Random.Chance(80))
        {
            if (Cluster.Forward(node, default, (key, (int)Random.Scaled(1, 200))) is { } call)
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

        Cluster.Model.Follow(node.Process, () => core.Set(core.Data.Store.MakeKey(ModelKey.Bytes(KeyOf(key))), new(BitConverter.GetBytes(_writes++)), default));
        GoOn(ConsistencyToken.Print(core.Written(hasChanged: true).Position), key);
    });

    private void LookAt(ForwardedCall call)
    {
        if (!call.IsOver)
        {
            Cluster.Time.After(Random.Between(1, 5_000), () => LookAt(call));
        }
        else if (call.End == ForwardedWriteEnd.Done)
        {
            GoOn(ConsistencyToken.Print(new StreamPosition(call.Id, call.Offset)), call.Keys[0]);
        }
    }

    /// <summary>At another node, some time later.</summary>
    private void GoOn(string token, string? key) => Cluster.Time.After(Random.Chance(50) ? 0 : Random.Scaled(1, 200_000), () =>
    {
        if (Wait(Random.Pick<SimulatedNode>([.. Cluster.Nodes]), token, key, Random.Chance(10) ? 0 : Random.Scaled(20, 10_000)) is { IsOver: false } wait && Random.Chance(10))
        {
            Cluster.Time.After(Random.Scaled(1, 1_000_000), () => wait.Process.Run(() =>
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
            HistoryModel history = position.Id.IsNone ? HistoryModel.Nothing : Cluster.Model[position.Id];
            var wait = new TokenWait(process, Cluster.Tokens, position, process.Now().Milliseconds + timeout, history, key is null ? null : KeyOf(key));
            begun = wait;
            lock (process.Core.Gate)
            {
                process.Core.PositionWaits.Begin(wait, process.Now());
            }

            if (!wait.IsOver)
            {
                Cluster.Tokens.Add(wait);
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
