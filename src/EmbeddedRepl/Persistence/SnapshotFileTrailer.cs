using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Persistence;

/// <summary>What a snapshot file ends with: what holds at its end offset. A file without it was not finished.</summary>
/// <param name="Id">The replication id.</param>
/// <param name="OriginId">The first id of the history.</param>
/// <param name="Ancestors">The ids that the history came from, the newest first.</param>
/// <param name="EndOffset">The replication offset of the data.</param>
/// <param name="Entries">How many entries there are.</param>
/// <param name="Digest">Their digest.</param>
/// <param name="SavedAt">When the end offset was fixed, in UTC milliseconds.</param>
/// <param name="LastMaster">The master that the node had last synced with, <c>host:port</c>; null if it never did.</param>
internal readonly record struct SnapshotFileTrailer(
    ReplicationId Id,
    ReplicationId OriginId,
    IReadOnlyList<Ancestor> Ancestors,
    long EndOffset,
    long Entries,
    UInt128 Digest,
    long SavedAt,
    string? LastMaster)
{
    private const int FieldCount = 8;
    private const int MaxAddressSize = 1024;

    private static ReadOnlySpan<byte> Magic => "ERPLTAIL"u8;

    public void Write(IBufferWriter<byte> output)
    {
        ArrayBufferWriter<byte> payload = new();
        MessagePackWriter writer = new(payload);
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Id);
        writer.Write(OriginId);
        writer.Write(Ancestors);
        writer.Write(EndOffset);
        writer.Write(Entries);
        writer.Write(Digest);
        writer.Write(SavedAt);
        writer.Write(LastMaster);
        writer.Flush();
        SnapshotFileSection.Write(output, Magic, payload.WrittenSpan);
    }

    /// <returns>False if more bytes are needed.</returns>
    /// <exception cref="SnapshotFileException">It is no trailer that this version reads.</exception>
    /// <exception cref="ProtocolException">Its fields are wrong.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out SnapshotFileTrailer trailer)
    {
        trailer = default;
        if (!SnapshotFileSection.TryRead(ref buffer, Magic, out ReadOnlySequence<byte> payload))
        {
            return false;
        }

        MessagePackReader reader = new(payload);
        int count = reader.ReadArrayHeader();
        trailer = new SnapshotFileTrailer(
            reader.ReadReplicationId(),
            reader.ReadReplicationId(),
            reader.ReadAncestors(),
            reader.ReadNonNegative("end offset"),
            reader.ReadNonNegative("entries"),
            reader.ReadUInt128("digest"),
            reader.ReadNonNegative("time of saving"),
            reader.ReadTextOrNil("last master", MaxAddressSize));
        SnapshotFileHeader.SkipRest(ref reader, count - FieldCount);
        return true;
    }
}
