namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes with the snapshot file.</summary>
internal static class FileBugs
{
    private const string Folder = "Persistence/SnapshotFolder.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("the file is written where it stands", Folder, "$\"{fileName}.tmp-{writerName}\"", "fileName"),
        new("the file is renamed before it is on the disk", Folder, "written.Flush();", ""),
        new("a file's offset is read one too high", "Persistence/SnapshotFileTrailer.cs", "reader.ReadNonNegative(\"end offset\")", "reader.ReadNonNegative(\"end offset\") + 1"),
        new("a file keeps the history of its beginning", "Replication/Snapshots/SnapshotFileLoad.cs", "data.ChangeHistory(new ReplicationHistory(_trailer.Id, _trailer.OriginId, [.. _trailer.Ancestors]));", ""),
        new("a save leaves pieces of the stream out", "Replication/Snapshots/SnapshotRecording.cs", "return _sender.NextData();", "SendWork next = _sender.NextData(); if (next.Kind == SendKind.Stream) { next.Lease.Release(); next = SendWork.Of(SendKind.Flush); } return next;"),
        new("a node starts empty instead of loading its file", "Replication/NodeCore.Roles.cs", "Swap(loaded.Data, now);", "loaded.Data.Retire();"),
    ];
}
