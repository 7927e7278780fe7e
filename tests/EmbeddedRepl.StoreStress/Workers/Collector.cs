namespace EmbeddedRepl.StoreStress.Workers;

/// <summary>Collects garbage and compacts the heap all the time, since the runtime that is released has no stress mode of its own: whatever holds a reference that is not one moves.</summary>
internal sealed class Collector(StressRound round)
{
    public void Run()
    {
        using var counts = new LocalCounts(round.Counts);
        while (!round.IsDone)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            counts.Add("forced collections");
            Thread.Sleep(1);
        }
    }
}
