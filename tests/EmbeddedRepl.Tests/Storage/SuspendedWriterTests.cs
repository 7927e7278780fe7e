using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>A writer is stopped inside a write, holding the gate; readers go on and see complete states.</summary>
public class SuspendedWriterTests
{
    private const int Keys = 900 * 16;

    private static readonly byte[] Old = [.. Enumerable.Repeat((byte)1, 100)];
    private static readonly byte[] New = [.. Enumerable.Repeat((byte)2, 100)];

    public static TheoryData<string, int> Steps()
    {
        TheoryData<string, int> data = [];
        foreach (WriterStep step in Enum.GetValues<WriterStep>())
        {
            data.Add(step.ToString(), 0);
        }

        // Half of a split's directory entries are published.
        data.Add(nameof(WriterStep.DirectoryEntryPublished), 1);
        return data;
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Reads_WriterSuspendedAtAStep_ProceedWithCompleteStates(string stepName, int skip)
    {
        WriterStep step = Enum.Parse<WriterStep>(stepName);
        StoreFixture fixture = new();
        for (int i = 0; i < Keys; i++)
        {
            fixture.Set($"usual-key-{i}", Old);
        }

        using ManualResetEventSlim reached = new();
        using ManualResetEventSlim resume = new();
        int wanted = skip;
        fixture.Store.Probe.Paused = current =>
        {
            if (current == step && wanted-- == 0)
            {
                reached.Set();
                resume.Wait();
            }
        };

        Task writer = Task.Factory.StartNew(
            () => Write(fixture), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.True(reached.Wait(TimeSpan.FromSeconds(60)), "the writer never came to that step");
        Assert.False(fixture.Gate.TryEnter());

        int old = 0;
        for (int i = 0; i < Keys; i++)
        {
            byte[]? value = fixture.Get($"usual-key-{i}");

            // Only the key that is removed, or all of them by the clear, can be missing; only the one that is overwritten can be new.
            Assert.True(i == 1 || value is null == (step == WriterStep.DataReplaced));
            Assert.True(value is null || value.AsSpan().SequenceEqual(Old) || (i == 0 && value.AsSpan().SequenceEqual(New)));
            old += value is not null && value.AsSpan().SequenceEqual(Old) ? 1 : 0;
        }

        resume.Set();
        await writer;

        Assert.Equal(0, fixture.Store.GatedReads);
        Assert.True(step == WriterStep.DataReplaced || old >= Keys - 2);
        fixture.AssertConsistent();
    }

    private static void Write(StoreFixture fixture)
    {
        fixture.Set("usual-key-0", New);
        fixture.Remove("usual-key-1");
        for (int i = 0; i < 2_000; i++)
        {
            fixture.Set($"more-{i}", Old);
        }

        fixture.Clear();
    }
}
