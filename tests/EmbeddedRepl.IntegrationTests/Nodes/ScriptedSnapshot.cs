using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A correct snapshot of a small data set, in parts that a test can damage.</summary>
internal sealed class ScriptedSnapshot
{
    public const int Entries = 500;

    public static readonly StoreSeed Seed = new(1, 2);

    public ScriptedSnapshot()
    {
        var gate = new Lock();
        var store = new CacheStore(new StoreOptions(), Seed, TimeProvider.System, gate);
        var bytes = new ArrayBufferWriter<byte>();
        lock (gate)
        {
            for (int i = 0; i < Entries; i++)
            {
                byte[] key = new byte[KeyCodec.GetByteCount($"new {i}")];
                KeyCodec.Encode($"new {i}", key);
                byte[] value = new byte[300];
                value[0] = (byte)i;
                store.Set(store.MakeKey(key), value, EntryExpiration.None, i + 1, i + 1);
                Span<byte> prefix = bytes.GetSpan(RecordEncoder.MaxPrefixSize(key.Length));
                bytes.Advance(RecordEncoder.EncodeEntryPrefix(prefix, key, value.Length, i + 1, 0, 0, 0, i + 1));
                bytes.Write(value);
            }

            End = new SnapshotEndFrame(Entries, store.Digest.Sum, ScriptedMaster.StartOffset, Entries, store.Digest.Sum);
        }

        Bytes = bytes.WrittenSpan.ToArray();
    }

    /// <summary>The entry records.</summary>
    public byte[] Bytes { get; }

    public SnapshotEndFrame End { get; }

    public void Write(IBufferWriter<byte> output, SnapshotEndFrame? end = null, byte[]? bytes = null)
    {
        foreach (byte[] chunk in (bytes ?? Bytes).Chunk(10_000))
        {
            FrameWriter.WriteSnapshotChunk(output, chunk);
        }

        FrameWriter.Write(output, end ?? End);
    }
}
