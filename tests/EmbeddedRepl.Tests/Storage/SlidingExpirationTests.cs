using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class SlidingExpirationTests
{
    private const long Window = 800;
    private static readonly byte[] Value = [1, 2, 3];

    private readonly StoreFixture _fixture = new();

    private long Now => _fixture.Clock.Now;

    [Fact]
    public void Get_ReadWithinEachWindow_StaysAlive()
    {
        SetSliding();
        for (int i = 0; i < 20; i++)
        {
            _fixture.Clock.Now += Window - 1;
            Assert.NotNull(_fixture.Get("key"));
        }

        _fixture.Clock.Now += Window;
        Assert.Null(_fixture.Get("key"));
        Assert.Equal(ReadOutcome.Miss, _fixture.Store.Touch("key"));
    }

    [Fact]
    public void EveryKindOfRead_ExtendsTheEntry()
    {
        SetSliding();
        Action[] reads =
        [
            () => _fixture.Store.TryGet("key", new byte[10], out _),
            () => _fixture.Store.TryGet("key", new System.Buffers.ArrayBufferWriter<byte>()),
            () => _fixture.Store.Get("key", out _),
            () => _fixture.Store.Touch("key"),
        ];
        foreach (Action read in reads)
        {
            _fixture.Clock.Now += 100;
            read();
            Assert.Equal(Now + Window, Metadata().EffectiveDeadline);
        }
    }

    [Fact]
    public void TryGetMetadata_SlidingEntry_ExtendsNothing()
    {
        SetSliding();
        long deadline = Metadata().EffectiveDeadline;
        _fixture.Clock.Now += 100;

        Assert.Equal(deadline, Metadata().EffectiveDeadline);
        Assert.False(_fixture.Store.TryDequeueTouch(out _));
    }

    [Fact]
    public void Get_SlidingWithCap_IsNotExtendedPastTheCap()
    {
        long cap = Now + (2 * Window);
        _fixture.Set("key", Value, new EntryExpiration(Now + Window, Window, cap));
        while (Now < cap - 1)
        {
            _fixture.Clock.Now = Math.Min(Now + (Window / 2), cap - 1);
            Assert.NotNull(_fixture.Get("key"));
        }

        Assert.Equal(cap, Metadata().EffectiveDeadline);
        _fixture.Clock.Now = cap;
        Assert.Null(_fixture.Get("key"));
    }

    [Fact]
    [Trait("Behaviour", "E12")]
    public void Get_LocalExtension_IsNoPartOfDigestMetadataOrSnapshot()
    {
        SetSliding();
        StoreDigest digest = _fixture.Digest;
        EntryMetadata before = Metadata();
        _fixture.Clock.Now += Window / 2;
        Assert.NotNull(_fixture.Get("key"));

        Assert.Equal(digest, _fixture.Digest);
        Assert.Equal(before.Expiration, Metadata().Expiration);
        Assert.Equal(before.LastChange, Metadata().LastChange);
        SnapshotModel snapshot = new();
        snapshot.ReadAll(_fixture.Store);
        Assert.Equal(before.Expiration, snapshot.Entries["key"].Expiration);
        Assert.Equal(digest, snapshot.Digest);
        _fixture.AssertConsistent();
    }

    [Fact]
    [Trait("Behaviour", "E7")]
    public void Get_HotSlidingKey_AsksForAHandfulOfTouchesPerWindow()
    {
        SetSliding();
        for (int i = 0; i < Window; i++)
        {
            _fixture.Clock.Now++;
            for (int read = 0; read < 20; read++)
            {
                Assert.NotNull(_fixture.Get("key"));
            }
        }

        List<PendingTouch> touches = Drain();
        Assert.Equal(8, touches.Count);
        Assert.All(touches, touch => Assert.Equal("key", KeyCodec.Decode(touch.Key)));
        Assert.All(touches, touch => Assert.Equal(7, touch.Version));
        Assert.True(touches.SequenceEqual(touches.OrderBy(touch => touch.Deadline)));
        Assert.Equal(Now + Window, touches[^1].Deadline);
    }

    [Fact]
    public void Get_TouchApplied_NextOneIsAskedForAnEighthLater()
    {
        SetSliding();
        _fixture.Clock.Now += Window / 8;
        Assert.NotNull(_fixture.Get("key"));
        PendingTouch touch = Assert.Single(Drain());
        Assert.True(_fixture.ApplyTouch("key", touch.Version, touch.Deadline, 50));

        _fixture.Clock.Now += (Window / 8) - 1;
        Assert.NotNull(_fixture.Get("key"));
        Assert.Empty(Drain());
        _fixture.Clock.Now += 1;
        Assert.NotNull(_fixture.Get("key"));
        Assert.Single(Drain());
    }

    [Fact]
    public void Get_LastStretchToTheCap_IsAskedFor()
    {
        long cap = Now + Window + (Window / 16);
        _fixture.Set("key", Value, new EntryExpiration(Now + Window, Window, cap));
        _fixture.Clock.Now += Window / 2;
        Assert.NotNull(_fixture.Get("key"));

        Assert.Equal(cap, Assert.Single(Drain()).Deadline);
    }

    [Fact]
    public void Get_TouchQueueFull_DropsTheOldestAndCountsAndAsksAgainLater()
    {
        StoreFixture fixture = new(new StoreOptions { MaxPendingTouches = 1 });
        fixture.Set("a", Value, new EntryExpiration(fixture.Clock.Now + Window, Window, 0), version: 1);
        fixture.Set("b", Value, new EntryExpiration(fixture.Clock.Now + Window, Window, 0), version: 2);
        fixture.Clock.Now += Window / 8;
        Assert.NotNull(fixture.Get("a"));
        Assert.NotNull(fixture.Get("b"));
        Assert.Equal(1, fixture.Store.TouchesDropped);
        Assert.True(fixture.Store.TryDequeueTouch(out PendingTouch first));
        Assert.Equal(2, first.Version);

        fixture.Clock.Now += Window / 8;
        Assert.NotNull(fixture.Get("a"));
        Assert.True(fixture.Store.TryDequeueTouch(out PendingTouch second));
        Assert.Equal(1, second.Version);
    }

    [Fact]
    public void ApplyTouch_LaterDeadline_ChangesDeadlineLastChangeAndDigest()
    {
        SetSliding();
        long deadline = Now + Window + 100;
        Assert.True(_fixture.ApplyTouch("key", 7, deadline, 99));

        EntryMetadata metadata = Metadata();
        Assert.Equal(new EntryExpiration(deadline, Window, 0), metadata.Expiration);
        Assert.Equal(99, metadata.LastChange);
        Assert.Equal(7, metadata.Version);
        _fixture.AssertConsistent();

        StoreFixture other = new();
        other.Set("key", Value, new EntryExpiration(deadline, Window, 0));
        Assert.Equal(other.Digest, _fixture.Digest);
    }

    [Fact]
    public void ApplyTouch_ThatMustNotAct_ChangesNothing()
    {
        SetSliding();
        _fixture.Set("absolute", Value, new EntryExpiration(Now + Window, 0, 0), version: 8);
        _fixture.Set("eternal", Value, version: 9);
        StoreDigest digest = _fixture.Digest;

        Assert.False(_fixture.ApplyTouch("missing", 7, Now + 5000, 99));
        Assert.False(_fixture.ApplyTouch("key", 6, Now + 5000, 99));
        Assert.False(_fixture.ApplyTouch("key", 7, Now + Window, 99));
        Assert.False(_fixture.ApplyTouch("key", 7, Now + Window - 1, 99));
        Assert.False(_fixture.ApplyTouch("absolute", 8, Now + 5000, 99));
        Assert.False(_fixture.ApplyTouch("eternal", 9, Now + 5000, 99));

        Assert.Equal(digest, _fixture.Digest);
        Assert.Equal(7, Metadata().LastChange);
    }

    [Fact]
    public void ApplyTouch_PastTheCap_CountsAsTheCap()
    {
        long cap = Now + Window + 10;
        _fixture.Set("key", Value, new EntryExpiration(Now + Window, Window, cap), version: 7);

        Assert.True(_fixture.ApplyTouch("key", 7, cap + 1000, 99));
        Assert.Equal(cap, Metadata().Expiration.Deadline);
    }

    [Fact]
    public void Get_TouchByRecordBeyondTheLocalExtension_TheLaterDeadlineHolds()
    {
        SetSliding();
        Assert.True(_fixture.ApplyTouch("key", 7, Now + 5000, 99));
        _fixture.Clock.Now += 4999;
        Assert.NotNull(_fixture.Get("key"));
        Assert.Equal(Now + Window, Metadata().EffectiveDeadline);
    }

    [Fact]
    public void CollectExpired_SlidingEntryReadHere_IsNotExpired()
    {
        SetSliding();
        _fixture.Clock.Now += Window - 1;
        Assert.NotNull(_fixture.Get("key"));
        _fixture.Clock.Now += 1;
        Assert.Empty(_fixture.CollectExpired());
        _fixture.Clock.Now += Window;
        Assert.Equal(["key"], _fixture.CollectExpired());
    }

    [Fact]
    public void Extension_OfARemovedEntry_DoesNotReachTheNextOwnerOfItsWord()
    {
        ExtensionTable table = new(new MemoryBudget(long.MaxValue));
        int index = table.Take();
        long late = table.Read(index);
        table.Release(index);
        Assert.Equal(index, table.Take());

        Assert.False(table.TryExtend(index, ref late, 12345));
        Assert.Equal(0, ExtensionTable.DeadlineOf(table.Read(index)));
    }

    private void SetSliding() => _fixture.Set("key", Value, new EntryExpiration(Now + Window, Window, 0), version: 7);

    private EntryMetadata Metadata()
    {
        Assert.Equal(ReadOutcome.Hit, _fixture.Store.TryGetMetadata("key", out EntryMetadata metadata));
        return metadata;
    }

    private List<PendingTouch> Drain()
    {
        List<PendingTouch> touches = [];
        while (_fixture.Store.TryDequeueTouch(out PendingTouch touch))
        {
            touches.Add(touch);
        }

        return touches;
    }
}
