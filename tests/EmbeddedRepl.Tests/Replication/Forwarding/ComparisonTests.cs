using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Forwarding;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Forwarding;

/// <summary>What a caller on a replica writes only if an entry has the version that it has read there.</summary>
public sealed class ComparisonTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly CoreNode _master;
    private readonly CoreNode _replica;
    private readonly CorePair _link;

    public ComparisonTests()
    {
        _master = CoreNode.Master(_time);
        _master.Set("key", "old");
        _replica = CoreNode.Replica(_time);
        _link = new CorePair(_master, _replica);
        _link.Pump();
    }

    [Fact]
    [Trait("Behaviour", "Q2")]
    public void Comparison_WithTheVersionReadOnTheReplica_IsAppliedAndItsOffsetIsTheNewVersion()
    {
        EntryVersion read = _replica.VersionOf("key");
        Assert.Equal(_master.VersionOf("key"), read);

        TestWrite write = TestWrite.CompareAndSet("key", "new", read).On(_replica);
        TestWrite inserted = TestWrite.CompareAndSet("other", "first", EntryVersion.None).On(_replica);
        _link.Pump();

        Assert.Equal((ForwardedWriteEnd.Done, WriteStatus.Applied), (write.End, write.Status));
        Assert.Equal((ForwardedWriteEnd.Done, WriteStatus.Applied), (inserted.End, inserted.Status));
        Assert.Equal(("new", "first"), (_replica.GetText("key"), _replica.GetText("other")));
        Assert.Equal(write.Offset, _replica.VersionOf("key").Offset);
        Assert.Equal(_master.VersionOf("key"), _replica.VersionOf("key"));

        TestWrite removed = TestWrite.CompareAndRemove("key", _replica.VersionOf("key")).On(_replica);
        TestWrite missing = TestWrite.CompareAndRemove("missing", EntryVersion.None).On(_replica);
        _link.Pump();
        Assert.Equal((WriteStatus.Applied, WriteStatus.Unchanged), (removed.Status, missing.Status));
        Assert.Null(_replica.Get("key"));
        Assert.Equal(_master.Digest, _replica.Digest);
    }

    [Fact]
    [Trait("Behaviour", "Q2")]
    public void Comparison_WithAnOldVersion_ConflictsOnlyWhenTheReplicaHasWhatItConflictsWith()
    {
        EntryVersion read = _replica.VersionOf("key");
        _master.Set("key", "overtaken");
        TestWrite write = TestWrite.CompareAndSet("key", "new", read).On(_replica);
        TestWrite removal = TestWrite.CompareAndRemove("key", read).On(_replica);
        ForwardingSteps.Feed(_link.Session, ForwardingSteps.TakeWhatIsSent(_link), _master);

        ForwardingSteps.Feed(_link.Link, ForwardingSteps.TakeAnswer(_link, _master), _replica);
        Assert.Equal(ForwardedWriteState.Answered, write.State);
        Assert.Equal("old", _replica.GetText("key"));

        // The stream that was to come with the answer is lost with its connection.
        _link.Break();
        var next = new CorePair(_master, _replica, seed: 1);
        string? seen = null;
        next.Between = () => seen ??= write.State == ForwardedWriteState.Ended ? _replica.GetText("key") : null;
        next.Pump();

        Assert.Equal((ForwardedWriteEnd.Done, WriteStatus.Conflict), (write.End, write.Status));
        Assert.Equal((ForwardedWriteEnd.Done, WriteStatus.Conflict), (removal.End, removal.Status));
        Assert.Equal(("overtaken", "overtaken"), (seen, _master.GetText("key")));
        Assert.True(_replica.Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "Q2")]
    public void Comparison_AtTheEndOfAChain_ConflictsOrSucceedsAtTheRoot()
    {
        CoreNode leaf = CoreNode.Replica(_time, seed: 3);
        var lower = new CorePair(_replica, leaf) { PieceSize = 3 };
        lower.Pump();
        EntryVersion read = leaf.VersionOf("key");
        TestWrite first = TestWrite.CompareAndSet("key", "first", read).On(leaf);
        TestWrite second = TestWrite.CompareAndSet("key", "second", read).On(leaf);
        for (int i = 0; i < 5; i++)
        {
            lower.Pump();
            _link.Pump();
        }

        Assert.Equal((WriteStatus.Applied, WriteStatus.Conflict), (first.Status, second.Status));
        Assert.Equal(("first", "first"), (leaf.GetText("key"), _master.GetText("key")));
    }

    [Fact]
    [Trait("Behaviour", "Q2")]
    public void Comparison_InTheMiddleOfARequest_EndsItThereAndWhatIsBeforeItIsApplied()
    {
        var buffer = new OperationBuffer(0);
        buffer.AddSet("before", new(new byte[] { 1 }), default);
        buffer.AddCompareAndRemove("key", EntryVersion.None);
        buffer.AddClear();
        (byte[] bytes, int length) = buffer.Take();
        TestWrite write = TestWrite.Raw(bytes[..length]).On(_replica);
        _link.Pump();

        Assert.Equal(WriteStatus.Conflict, write.Status);
        Assert.Equal("old", _replica.GetText("key"));
        Assert.NotNull(_replica.Get("before"));
    }

    [Fact]
    [Trait("Behaviour", "Q2")]
    public void Operation_OfAKindThatTheMasterDoesNotKnow_IsRefusedAndTheLinkStays()
    {
        // What a comparison is to a master of an older version.
        TestWrite unknown = TestWrite.Raw(0x95, 0x08, 0xC4, 0x01, 0x61, 0x01, 0xC4, 0x00, 0xC4, 0x00).On(_replica);
        TestWrite good = TestWrite.CompareAndSet("key", "new", _replica.VersionOf("key")).On(_replica);
        _link.Pump();

        Assert.Equal((WriteStatus.Refused, WriteStatus.Applied), (unknown.Status, good.Status));
        Assert.Contains("unknown", unknown.Message, StringComparison.Ordinal);
        Assert.True(_replica.Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "Q3")]
    public void Version_OfOtherDataAtTheSameOffset_IsAnotherOne()
    {
        _link.Break();
        _master.Set("key", "lost");
        EntryVersion lost = _master.VersionOf("key");
        _replica.Core.Promote(force: false, _replica.Now);
        _replica.Set("key", "kept");

        Assert.Equal(lost.Offset, _replica.VersionOf("key").Offset);
        Assert.NotEqual(lost, _replica.VersionOf("key"));
        Assert.False(_replica.Core.CompareAndRemove(_replica.Core.Data.Store.MakeKey("key"u8), lost));
        Assert.True(_replica.Core.CompareAndRemove(_replica.Core.Data.Store.MakeKey("key"u8), _replica.VersionOf("key")));
    }
}
