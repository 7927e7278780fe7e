using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>A walk over the keys of a node, while the data is taken away under it.</summary>
public sealed class KeyWalkTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    [Trait("Behaviour", "Q6")]
    public void Next_ClearedUnderWay_BeginsAnewAndLeavesNothingOut()
    {
        CoreNode node = CoreNode.Master(_time);
        Fill(node, "old", 5_000);
        var walk = new KeyWalk(node.Core, "");
        HashSet<string> before = Take(walk, steps: 8);
        Assert.NotEmpty(before);
        node.Core.Clear();
        Fill(node, "new", 5_000);

        HashSet<string> after = Take(walk, int.MaxValue);
        Assert.Equal(5_000, after.Count);
        Assert.All(after, key => Assert.StartsWith("new", key, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "Q6")]
    public void Next_FullSyncUnderWay_BeginsAnewWithTheNewData()
    {
        CoreNode master = CoreNode.Master(_time);
        Fill(master, "key", 5_000);
        CoreNode replica = CoreNode.Master(_time, seed: 2);
        Fill(replica, "key", 3_000);
        var walk = new KeyWalk(replica.Core, "key");
        HashSet<string> before = Take(walk, steps: 8);
        replica.Follow(isOrdered: true);
        replica.Core.Tick(replica.Now);
        new CorePair(master, replica).Pump();
        Assert.Equal(5_000, replica.Core.Data.Store.Count);

        Assert.NotEmpty(before);
        Assert.Equal(5_000, Take(walk, int.MaxValue).Count);
        Assert.Null(walk.Next());
    }

    private static void Fill(CoreNode node, string prefix, int count)
    {
        for (int i = 0; i < count; i++)
        {
            node.Set($"{prefix} {i}", "value");
        }
    }

    private static HashSet<string> Take(KeyWalk walk, int steps)
    {
        var keys = new HashSet<string>();
        for (int i = 0; i < steps && walk.Next() is { } next; i++)
        {
            Assert.All(next, key => Assert.True(keys.Add(key), "A key came twice."));
        }

        return keys;
    }
}
