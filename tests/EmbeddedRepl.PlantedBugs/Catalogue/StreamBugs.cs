namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Mistakes in the stream: its blocks, its records, and how they are applied.</summary>
internal static class StreamBugs
{
    private const string Log = "Replication/StreamLog.cs";
    private const string Data = "Replication/DataSet.cs";

    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        new("two replicas in one block count as one", "Replication/StreamCursor.cs", "block.Pins++;", "block.Pins = 1;"),
        new("a block is reused while it is being sent", Log, "block is { IsLinked: false, Leases: 0, Pins: 0 }", "block is { IsLinked: false, Pins: 0 }"),
        new("bytes are sent past a frame that stands among them", "Replication/StreamCursor.cs", "Math.Min(_log.EndOffset, limitOffset) - Position", "_log.EndOffset - Position"),
        new("what follows a record that was cut is lost", "Replication/RecordAssembler.cs", "bytes[(consumed - before)..]", "bytes[take..]"),
        new("a replica does not apply removals", Data, "wasThere = Store.Remove(Store.MakeKey(record.Key));", "wasThere = false;"),
        new("a replica does not apply touches", Data, "Store.ApplyTouch(Store.MakeKey(record.Key), record.Version, RecordExpiration.DeadlineOf(record), version);", ""),
        new("a replica ignores a clear", Data, "Store.Clear();\n                break;", "break;"),
        new("a replica sets entries without their expiration", Data, "RecordExpiration.Of(record)", "default"),
        new("an eviction is not streamed", Data, "Log.Append(record.AsSpan(0, length));\n            EndRecord(length);", ""),
        new(
            "heartbeats count in the offset",
            "Replication/Master/MasterSession.Timing.cs",
            "Send(new HeartbeatFrame(now.UtcMilliseconds, data.Offset, null));",
            "Span<byte> ping = stackalloc byte[64]; data.Log.Append(ping[..RecordEncoder.EncodeRemove(ping, \"ping\"u8)]); data.Log.Trim(); _node.StreamAdvanced(); Send(new HeartbeatFrame(now.UtcMilliseconds, data.Offset, null));"),
        new("damage on the way is not noticed", "Protocol/FrameReader.cs", "checksum != parsed.Checksum", "false"),
    ];
}
