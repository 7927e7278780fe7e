using System.Collections.Concurrent;
using EmbeddedRepl.IntegrationTests.Nodes;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.IntegrationTests.Roles;

/// <summary>What an application hears of its cache.</summary>
[Trait("Behaviour", "D11")]
public class EventTests
{
    [Fact]
    public void Events_OfAWholeStory_ComeOnceAndInOrderAtBothEnds()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Master();
        ConcurrentQueue<string> atMaster = Listen(master.Cache);
        ConcurrentQueue<string> atReplica = Listen(replica.Cache);

        replica.ReplicateFrom(master.EndPoint);
        Expect(atReplica, "role Replica", "up");
        Expect(atMaster, "attached");
        replica.Promote();
        Expect(atReplica, "role Replica", "up", "down", "role Master");
        Expect(atMaster, "attached", "left");
        master.ReplicateFrom(replica.EndPoint);
        Expect(atReplica, "role Replica", "up", "down", "role Master", "attached");
        Expect(atMaster, "attached", "left", "role Replica", "up");
        replica.Dispose();
        Expect(atMaster, "attached", "left", "role Replica", "up", "down retrying");
    }

    [Fact]
    public void Handler_ThatThrows_IsLoggedAndTheOthersAreCalled()
    {
        using ReloadedService node = ReloadedService.Master();
        using var called = new ManualResetEventSlim();
        node.Cache.RoleChanged += (_, _) => throw new InvalidOperationException("no luck");
        node.Cache.RoleChanged += (sender, args) =>
        {
            if (ReferenceEquals(sender, node.Cache) && args is { Role: ReplicationRole.Replica, SequenceNumber: 1 })
            {
                called.Set();
            }
        };

        node.ReplicateFrom("127.0.0.1:1");

        Assert.True(called.Wait(TestNode.Patience));
        Assert.True(node.Log.Contains("Error 1812", "RoleChangedEventArgs", "no luck"), node.Log.Text);
    }

    [Fact]
    public void Handler_ThatBlocks_HoldsUpNeitherReplicationNorTheCache()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService replica = ReloadedService.Start(("Master", master.EndPoint));
        using var entered = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        master.Cache.RoleChanged += (_, _) =>
        {
            entered.Set();
            release.Wait(TestNode.Patience);
        };
        replica.WaitForStreaming();
        master.ReplicateFrom("127.0.0.1:1");
        Assert.True(entered.Wait(TestNode.Patience));
        master.Promote();
        master.Cache.SetString("k", "v");

        TestNode.Wait(() => replica.Cache.GetString("k") == "v", () => replica.Log.Text);
        release.Set();
    }

    [Fact]
    public void Handler_ThatChangesTheRole_IsNotHeldUpByItself()
    {
        using ReloadedService master = ReloadedService.Master();
        using ReloadedService node = ReloadedService.Master();
        using var back = new ManualResetEventSlim();
        node.Cache.LinkUp += (_, _) => node.Promote();
        node.Cache.RoleChanged += (_, args) =>
        {
            if (args.Role == ReplicationRole.Master)
            {
                back.Set();
            }
        };

        node.ReplicateFrom(master.EndPoint);

        Assert.True(back.Wait(TestNode.Patience));
    }

    private static ConcurrentQueue<string> Listen(IReplicatedCache cache)
    {
        var heard = new ConcurrentQueue<string>();
        cache.RoleChanged += (_, args) => heard.Enqueue($"role {args.Role}");
        cache.LinkUp += (_, _) => heard.Enqueue("up");
        cache.LinkDown += (_, args) => heard.Enqueue(args.IsRetrying ? "down retrying" : "down");
        cache.ReplicaAttached += (_, _) => heard.Enqueue("attached");
        cache.ReplicaLeft += (_, _) => heard.Enqueue("left");
        return heard;
    }

    private static void Expect(ConcurrentQueue<string> heard, params string[] expected)
    {
        TestNode.Wait(() => heard.Count >= expected.Length, () => $"{string.Join(", ", expected)}; heard {string.Join(", ", heard)}");
        Assert.Equal(expected, heard);
    }
}
