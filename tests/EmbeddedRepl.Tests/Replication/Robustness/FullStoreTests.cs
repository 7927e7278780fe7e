using EmbeddedRepl.Storage;
using EmbeddedRepl.Tests.Storage;

namespace EmbeddedRepl.Tests.Replication.Robustness;

public sealed class FullStoreTests
{
    private const int Classes = 16;
    private const int MaxBytes = 8 << 20;

    [Fact]
    public void Writes_StoreIsFullWhileAPageIsBeingEmptied_EachIsDoneOrRefusedAsAWhole()
    {
        // A write that throws after it was applied leaves no record: the replicas would lack it for ever. Which class the page is of
        // is the allocator's choice, so each of them is tried.
        for (int sizeClass = 0; sizeClass < Classes; sizeClass++)
        {
            var fixture = new StoreFixture(new StoreOptions { MaxBytes = MaxBytes });
            HashSet<string> model = FillAndRemoveUntilAPageIsBeingEmptied(fixture);

            // What memory is left goes to one large entry.
            int left = (int)(MaxBytes - fixture.Store.UsedBytes) - 1_000;
            if (left > 140_000)
            {
                fixture.Set("large", new byte[left]);
                model.Add("large");
            }

            for (int i = 0; i < 2_000; i++)
            {
                Set(fixture, model, sizeClass, 50_000 + i);
            }

            Assert.Equal(model.Count, fixture.Store.Count);
            lock (fixture.Gate)
            {
                fixture.Store.Maintain();
            }

            fixture.AssertConsistent();
        }
    }

    private static HashSet<string> FillAndRemoveUntilAPageIsBeingEmptied(StoreFixture fixture)
    {
        HashSet<string> model = [];
        for (int i = 0; i < 4_100; i++)
        {
            for (int sizeClass = 0; sizeClass < Classes; sizeClass++)
            {
                Set(fixture, model, sizeClass, i);
            }
        }

        for (int i = 0; fixture.Store.Data.Allocator.EvacuatedPage == PageList.None; i += 2)
        {
            for (int sizeClass = 0; sizeClass < Classes && fixture.Store.Data.Allocator.EvacuatedPage == PageList.None; sizeClass++)
            {
                string key = Key(sizeClass, i);
                Assert.Equal(model.Remove(key), fixture.Remove(key));
            }
        }

        return model;
    }

    private static string Key(int sizeClass, int number) => $"{sizeClass:d2}-{number:d5}";

    private static void Set(StoreFixture fixture, HashSet<string> model, int sizeClass, int number)
    {
        long before = fixture.Store.Count;
        try
        {
            fixture.Set(Key(sizeClass, number), new byte[8 + (sizeClass * 8)]);
            model.Add(Key(sizeClass, number));
        }
        catch (StoreFullException)
        {
            Assert.Equal(before, fixture.Store.Count);
        }
    }
}
