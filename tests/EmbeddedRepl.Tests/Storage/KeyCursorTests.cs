using System.Text;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

public class KeyCursorTests
{
    [Fact]
    [Trait("Behaviour", "Q6")]
    public void Step_EntriesComeAndGoAndTheIndexGrows_EveryKeyThatStaysComesOnce()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 20_000; i++)
        {
            fixture.Set($"stays-{i}", new byte[10]);
            fixture.Set($"goes-{i}", new byte[10]);
        }

        var random = new Random(1);
        int added = 0;
        List<string> found = Walk(fixture.Store, "stays-", () =>
        {
            for (int i = 0; i < 500; i++)
            {
                fixture.Remove($"goes-{random.Next(20_000)}");
                fixture.Set($"stays-{random.Next(20_000)}", new byte[random.Next(300)]);
                fixture.Set($"new-{added++}", new byte[20]);
            }
        });

        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"stays-{i}").Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Behaviour", "Q6")]
    public async Task Step_BesideAWriterThatSetsEveryKeyAgainAndAgain_EveryKeyComesOnce()
    {
        const int Keys = 3_000;
        StoreFixture fixture = new();
        Random sizes = new(2);
        for (int i = 0; i < Keys; i++)
        {
            fixture.Set($"key-{i}", new byte[50]);
        }

        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                fixture.Set($"key-{sizes.Next(Keys)}", new byte[sizes.Next(200)]);
                string other = $"other-{sizes.Next(Keys)}";
                fixture.Set(other, new byte[8]);
                fixture.Remove(other);
            }
        });
        string[] expected = [.. Enumerable.Range(0, Keys).Select(i => $"key-{i}").Order(StringComparer.Ordinal)];
        try
        {
            for (int round = 0; round < 50; round++)
            {
                Assert.Equal(expected, Walk(fixture.Store, "key-").Order(StringComparer.Ordinal));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await writer;
        }
    }

    [Fact]
    [Trait("Behaviour", "Q6")]
    public void Step_StoreClearedOrRetired_EndsTheWalk()
    {
        StoreFixture fixture = new();
        fixture.Set("key", [1]);
        KeyCursor cleared = fixture.Store.CreateKeyCursor([]);
        Assert.True(cleared.Step([]));
        lock (fixture.Gate)
        {
            fixture.Store.Clear();
        }

        Assert.False(cleared.Step([]));
        KeyCursor retired = fixture.Store.CreateKeyCursor([]);
        lock (fixture.Gate)
        {
            fixture.Store.Retire();
        }

        Assert.False(retired.Step([]));
    }

    [Fact]
    public void Step_VeryLongKeys_HandsOutABoundedNumberAtATime()
    {
        StoreFixture fixture = new();
        for (int i = 0; i < 100; i++)
        {
            fixture.Set($"{i:d3}{new string('x', 50_000)}", [1]);
        }

        int most = 0;
        var keys = new List<byte[]>();
        KeyCursor cursor = fixture.Store.CreateKeyCursor([]);
        int total = 0;
        while (!cursor.IsDone)
        {
            keys.Clear();
            Assert.True(cursor.Step(keys));
            most = Math.Max(most, keys.Count);
            total += keys.Count;
        }

        Assert.Equal(100, total);
        Assert.InRange(most, 1, 6);
    }

    private static List<string> Walk(CacheStore store, string prefix, Action? between = null)
    {
        KeyCursor cursor = store.CreateKeyCursor(Encoding.UTF8.GetBytes(prefix));
        var keys = new List<byte[]>();
        while (!cursor.IsDone)
        {
            Assert.True(cursor.Step(keys));
            between?.Invoke();
        }

        return [.. keys.Select(key => KeyCodec.Decode(key))];
    }
}
