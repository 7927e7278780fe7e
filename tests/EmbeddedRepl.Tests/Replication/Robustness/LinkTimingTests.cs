using EmbeddedRepl.Replication;

namespace EmbeddedRepl.Tests.Replication.Robustness;

public sealed class LinkTimingTests
{
    [Theory]
    [InlineData(10_000, 1_000, 60_000, 5_000)]
    [InlineData(10_000, 60_000, 15_000, 90_000)]
    public void IdleLink_TheEndsAreConfiguredWithOtherIntervals_StaysUp(
        long heartbeatInterval, long ackInterval, long mastersTimeout, long replicasTimeout)
    {
        var now = new Moment(1, 1);
        NodeCore master = LinkedCores.NewMaster(new NodeSettings { HeartbeatInterval = heartbeatInterval, LinkTimeout = mastersTimeout });
        NodeCore replica = LinkedCores.NewReplica(now, new NodeSettings { AckInterval = ackInterval, LinkTimeout = replicasTimeout });
        var link = new LinkedCores(master, replica, now);
        link.Pump(now);
        Assert.Equal(ReplicationLinkState.Streaming, link.Link.State);

        for (int second = 0; second < 120; second++)
        {
            now = new Moment(now.Milliseconds + 1_000, now.UtcMilliseconds + 1_000);
            master.Tick(now);
            replica.Tick(now);
            link.Pump(now);
            Assert.Equal("", link.Session.CloseMessage);
            Assert.Equal("", link.Link.CloseMessage);
        }
    }
}
