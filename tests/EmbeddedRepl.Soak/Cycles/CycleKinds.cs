using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Soak.Cycles;

/// <summary>The ways in which replicas come and go, for good and for bad.</summary>
internal static class CycleKinds
{
    public static IReadOnlyList<CycleKind> All { get; } =
    [
        new("polite stop", 5, StopPolitely),
        new("reset while streaming", 5, ResetWhileStreaming),
        new("link of the steady one broken", 3, BreakTheSteadyLink),
        new("half a handshake", 5, Strangers.LeaveInTheHandshake),
        new("garbage", 3, Strangers.SendGarbage),
        new("wrong password", 3, OfferAWrongPassword),
        new("promotion", 3, Promote),
        new("pointed at another", 3, PointElsewhere),
        new("dispose during a full sync", 4, DisposeDuringAFullSync),
        new("nobody listens", 2, FollowNobody),
        new("listener opened and closed", 2, ChangeListeners),
        new("host started and stopped", 4, HostCycle.Run),
    ];

    private static void StopPolitely(CycleNodes nodes, Random random)
    {
        using ReplicatedNode replica = nodes.Attach(CycleNodes.EndPointOf(nodes.Master));
        nodes.Write();
        CycleNodes.WaitForStreaming(replica);
        nodes.WatchSessions();
        replica.Stop(TimeSpan.FromSeconds(10));
    }

    private static void ResetWhileStreaming(CycleNodes nodes, Random random)
    {
        using ReplicatedNode replica = nodes.Attach(nodes.MasterProxy.EndPoint.ToString());
        for (int i = random.Next(3); i >= 0; i--)
        {
            CycleNodes.WaitForStreaming(replica);
            nodes.WatchSessions();
            nodes.Write();
            long before = replica.GetReplicationInfo().LinkFailures;
            nodes.MasterProxy.ResetAll();
            CycleNodes.WaitFor(replica, info => info.LinkFailures > before, "the link is lost");
        }
    }

    private static void BreakTheSteadyLink(CycleNodes nodes, Random random)
    {
        long before = nodes.Steady.GetReplicationInfo().LinkFailures;
        nodes.SteadyProxy.ResetAll();
        CycleNodes.WaitFor(nodes.Steady, info => info.LinkFailures > before, "the link is lost");
        nodes.Write();
        CycleNodes.WaitForStreaming(nodes.Steady);
    }

    private static void OfferAWrongPassword(CycleNodes nodes, Random random)
    {
        long before = nodes.Master.GetReplicationInfo().HandshakesRefused;
        using ReplicatedNode replica = nodes.Attach(CycleNodes.EndPointOf(nodes.Master), options => options.MasterPassword = "another");
        CycleNodes.WaitFor(nodes.Master, info => info.HandshakesRefused > before, "the handshake is refused");
    }

    private static void Promote(CycleNodes nodes, Random random)
    {
        using ReplicatedNode replica = nodes.Attach(CycleNodes.EndPointOf(nodes.Master), options => options.Listen.Add(CycleNodes.AnyPort));
        CycleNodes.WaitForStreaming(replica);
        using ReplicatedNode below = nodes.Attach(CycleNodes.EndPointOf(replica));
        CycleNodes.WaitForStreaming(below);
        nodes.WatchSessions();
        replica.Promote(new PromotionOptions());
        CycleNodes.Set(replica, "written after the promotion");
        if (random.Next(2) == 0)
        {
            replica.ReplicateFrom(CycleNodes.EndPointOf(nodes.Master));
            CycleNodes.WaitForStreaming(replica);
        }
    }

    private static void PointElsewhere(CycleNodes nodes, Random random)
    {
        using ReplicatedNode replica = nodes.Attach(CycleNodes.EndPointOf(nodes.Master));
        ReplicatedNode[] targets = [nodes.Steady, nodes.Other, nodes.Master];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            ReplicatedNode target = targets[random.Next(targets.Length)];
            replica.ReplicateFrom(CycleNodes.EndPointOf(target));
            if (random.Next(2) == 0)
            {
                CycleNodes.WaitFor(replica, info => info.LinkState == ReplicationLinkState.Streaming && !info.IsOrderPending, "the order is fulfilled");
            }

            nodes.WatchSessions();
        }
    }

    private static void DisposeDuringAFullSync(CycleNodes nodes, Random random)
    {
        nodes.MasterProxy.ToClient.BytesPerSecond = 1_000_000;
        try
        {
            using ReplicatedNode replica = nodes.Attach(nodes.MasterProxy.EndPoint.ToString());
            CycleNodes.WaitFor(replica, info => info.LinkState is ReplicationLinkState.ReceivingSnapshot or ReplicationLinkState.Streaming, "the full sync has begun");
            nodes.WatchSessions();
            Thread.Sleep(random.Next(10));
        }
        finally
        {
            nodes.MasterProxy.ToClient.BytesPerSecond = 0;
        }
    }

    private static void FollowNobody(CycleNodes nodes, Random random)
    {
        using ReplicatedNode replica = nodes.Attach("127.0.0.1:1");
        CycleNodes.WaitFor(replica, info => info.LinkDownReason is not null, "the first attempt has failed");
    }

    private static void ChangeListeners(CycleNodes nodes, Random random)
    {
        string second = nodes.SecondAddress;
        nodes.Other.Runtime.Listen([CycleNodes.AnyPort, second]);
        using (ReplicatedNode replica = nodes.Attach(second))
        {
            CycleNodes.WaitForStreaming(replica);
            nodes.WatchSessions();
        }

        nodes.Other.Runtime.Listen([CycleNodes.AnyPort]);
    }
}
