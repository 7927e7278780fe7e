using EmbeddedRepl.Persistence;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Simulation.Nodes;

/// <summary>Loads and saves the snapshot file of one life of a node (<c>Runtime/SnapshotLoop</c>), step by step, so that anything may happen in between.</summary>
internal sealed class SnapshotDriver(SimulatedProcess process, MemorySnapshotDisk disk, SeededRandom random, long pause, long slowness) : IDisposable
{
    private readonly SnapshotFolder _folder = new(disk, "data.snapshot", "life");

    /// <summary>Takes the lock, which a life that ended must have given back, and removes what it left behind.</summary>
    public void Open() => _folder.Open();

    /// <summary>Reads the file after as long as that takes; a file that was ever put in its place can be read, whatever happened since.</summary>
    /// <param name="loaded">Called with what it held, before the node goes on.</param>
    public void Load(Action<LoadedSnapshot?> loaded) => process.After(random.Scaled(100, 3_000_000), () =>
    {
        LoadedSnapshot? snapshot;
        try
        {
            snapshot = new SnapshotFileReader(process.Core, _folder).Read(process.Now(), () => false);
        }
        catch (SnapshotFileException exception) when (exception.Problem == SnapshotFileProblem.Unusable)
        {
            process.Situations.Count("disk refuses while the file is loaded");
            Load(loaded);
            return;
        }

        if (snapshot is not null)
        {
            process.Situations.Count(SituationCatalogue.Loaded);
        }

        loaded(snapshot);
        Schedule();
    });

    public void Dispose() => _folder.Dispose();

    private void Schedule() => process.After(random.Between(1, pause * 2), Begin);

    private void Begin()
    {
        if (!process.Core.Data.HasHistory)
        {
            Schedule();
            return;
        }

        try
        {
            var save = new SnapshotSave(process.Core, _folder, prepared: null, process.Now());
            process.Watch.WhenSaving();
            Step(save);
        }
        catch (IOException)
        {
            process.Situations.Count("disk refuses a new file");
            Schedule();
        }
    }

    private void Step(SnapshotSave save)
    {
        SaveProgress progress;
        try
        {
            progress = save.Step(process.Now());
        }
        catch (IOException)
        {
            process.Situations.Count("disk refuses in the middle of a save");
            if (disk.Capacity != long.MaxValue)
            {
                process.Situations.Count(SituationCatalogue.DiskFullInSave);
            }

            save.Discard("The disk refuses.");
            Schedule();
            return;
        }

        switch (progress)
        {
            case SaveProgress.Goes or SaveProgress.Waits:
                process.After(process.FrameCost() + (slowness > 0 ? random.Between(0, slowness) : 0), () => Step(save));
                break;
            case SaveProgress.Abandoned:
                if (!save.Recording.AbandonedFor!.Contains("disk", StringComparison.Ordinal))
                {
                    process.Situations.Count(SituationCatalogue.SaveOvertaken);
                }

                save.Discard(save.Recording.AbandonedFor);
                Schedule();
                break;
            default:
                process.Trace.Add($"{process.Name} has saved a snapshot file");
                process.Situations.Count(SituationCatalogue.Saved);
                process.SavedId = save.Recording.EndHistory!.Id;
                Schedule();
                break;
        }
    }
}
