using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class WriteBatchTests
{
    [Theory]
    [InlineData(100, 0)]
    [InlineData(300_000, 2)]
    public void Add_ThreeValues_LargeOnesDoNotWaitForABatchThatWouldHoldTheGateLong(int size, int appliedBeforeTheEnd)
    {
        CoreNode node = CoreNode.Master(new ManualTimeProvider());
        var batch = new WriteBatch(node.Core, EntryExpiration.None);
        for (int i = 0; i < 3; i++)
        {
            batch.Add($"key {i}", new byte[size]);
        }

        Assert.Equal(appliedBeforeTheEnd, node.Core.Data.Store.Count);
        batch.Flush();
        Assert.Equal(3, node.Core.Data.Store.Count);
    }
}
