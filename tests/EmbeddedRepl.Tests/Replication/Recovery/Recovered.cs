using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Recovery;

/// <summary>What has to be so when a recovery is over.</summary>
internal static class Recovered
{
    /// <summary>The master accepts writes, and the replicas follow it with the same data at the same place.</summary>
    public static void AssertEqual(CoreNode master, params CoreNode[] replicas)
    {
        Assert.True(master.Core.AcceptsWrites, master.Core.Recovery?.Message);
        AssertFollow(master, replicas);
    }

    /// <summary>The replicas follow that node with the same data at the same place.</summary>
    public static void AssertFollow(CoreNode master, params CoreNode[] replicas)
    {
        foreach (CoreNode replica in replicas)
        {
            Assert.True(replica.Core.IsLinkUp, replica.Core.Upstream?.DownReason);
            Assert.Equal((master.Core.Data.History.Id, master.Offset, master.Digest), (replica.Core.Data.History.Id, replica.Offset, replica.Digest));
        }
    }
}
