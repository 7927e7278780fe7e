namespace EmbeddedRepl.IntegrationTests.Nodes;

[Trait("Behaviour", "A19")]
public class MismatchTests
{
    private const int HandshakeRefused = 1111;

    [Fact]
    public void CacheNames_Differ_RefusedBeforeAnyDataWithTheReasonOnBothEnds() =>
        AssertRefused("is named", options => options.CacheName = "sessions", options => options.CacheName = "pages");

    [Fact]
    public void ReplicaTakesSmallerKeys_IsRefusedBeforeAnyDataWithTheReasonOnBothEnds() =>
        AssertRefused("Raise MaxKeySize", options => options.MaxKeySize = 1_001, options => options.MaxKeySize = 1_000);

    [Fact]
    public void ReplicaTakesSmallerValues_IsRefusedBeforeAnyDataWithTheReasonOnBothEnds() =>
        AssertRefused("Raise MaxKeySize and MaxValueSize", options => options.MaxValueSize = 1_001, options => options.MaxValueSize = 1_000);

    [Fact]
    public void ReplicaTakesExactlyAsMuchOrMore_IsAccepted()
    {
        using TestNode master = TestNode.Master(options => (options.MaxKeySize, options.MaxValueSize) = (100, 1_000));
        using TestNode same = TestNode.Replica(master.EndPoint, options => (options.MaxKeySize, options.MaxValueSize) = (100, 1_000));
        using TestNode more = TestNode.Replica(master.EndPoint, options => (options.MaxKeySize, options.MaxValueSize) = (101, 1_001));

        same.WaitForStreaming();
        more.WaitForStreaming();
    }

    private static void AssertRefused(string reason, Action<ReplicatedCacheOptions> configureMaster, Action<ReplicatedCacheOptions> configureReplica)
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(configureMaster, log).Fill(10, 10);
        using TestNode replica = TestNode.Replica(master.EndPoint, configureReplica);

        replica.WaitUntil(() => master.Peek(core => core.Counters.HandshakesRefused) >= 3, () => "the replica was refused and has tried again");

        Assert.Contains(log.Lines, line => line.Id == HandshakeRefused && line.Text.Contains(reason, StringComparison.Ordinal));
        Assert.Contains(reason, replica.Info.LinkDownReason, StringComparison.Ordinal);
        Assert.Equal((0, false, ReplicationId.None), (replica.Info.EntryCount, replica.Info.IsReady, replica.Info.ReplicationId));
        ReplicationInfo info = master.Info;
        Assert.Equal((0, 0, 0), (info.SyncFull, info.SyncPartialOk, info.SyncPartialErr));
        Assert.Empty(info.Replicas);
    }
}
