using System.Buffers;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Replication.Robustness;

public sealed class CycleRaceTests
{
    [Fact]
    [Trait("Behaviour", "A14")]
    public void TwoNodes_FollowEachOtherAtTheSameMoment_DoNotStreamInACircle()
    {
        var now = new Moment(1, 1);
        NodeCore first = LinkedCores.NewMaster();
        first.Set(first.Data.Store.MakeKey("k"u8), new ReadOnlySequence<byte>([1, 2, 3]), EntryExpiration.None);
        NodeCore second = LinkedCores.NewReplica(now);
        new LinkedCores(first, second, now).Pump(now);
        Assert.Equal(first.Data.History.Id, second.Data.History.Id);

        // Both have the same data, and each is told to follow the other, so neither has anything to wait for.
        first.BeginAsReplica("second:1", isOrdered: true, LinkedCores.Silence.Instance, now);
        second.BeginAsReplica("first:1", isOrdered: true, LinkedCores.Silence.Instance, now);
        var one = new LinkedCores(second, first, now);
        var other = new LinkedCores(first, second, now);
        for (int i = 0; i < 50; i++)
        {
            one.CarryToMaster(now);
            other.CarryToMaster(now);
            one.CarryToReplica(now);
            other.CarryToReplica(now);
        }

        Assert.False(first.IsLinkUp && second.IsLinkUp);
    }
}
