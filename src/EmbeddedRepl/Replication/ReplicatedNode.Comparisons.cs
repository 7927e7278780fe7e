using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <content>Writes that depend on the version that an entry has.</content>
internal sealed partial class ReplicatedNode
{
    public ComparedWrite CompareAndSet(string key, ReadOnlyMemory<byte> value, EntryVersion expected, in WriteExpiration expiration) =>
        Compared(Write(new CompareAndSetWrite(key, value, expected, expiration)), key, value.Span);

    public async ValueTask<ComparedWrite> CompareAndSetAsync(
        string key, ReadOnlyMemory<byte> value, EntryVersion expected, WriteExpiration expiration, CancellationToken token)
    {
        WriteResult result = await WriteAsync(new CompareAndSetWrite(key, value, expected, expiration), token).ConfigureAwait(false);
        return Compared(result, key, value.Span);
    }

    public WriteResult CompareAndRemove(string key, EntryVersion expected) => Write(new CompareAndRemoveWrite(key, expected));

    public ValueTask<WriteResult> CompareAndRemoveAsync(string key, EntryVersion expected, CancellationToken token) =>
        WriteAsync(new CompareAndRemoveWrite(key, expected), token);

    private ComparedWrite Compared(in WriteResult result, string key, ReadOnlySpan<byte> value) =>
        new(result, result.IsConflict ? null : VersionFor(key, value, result.Offset));

    /// <summary>
    /// The version of an entry that was written. Asked after the write, because each data set hashes with a seed of its own, and the write may have waited for another one: that of a recovery, or of a
    /// full sync. The value must be what was written; whoever changes it during the call gets a version that no entry has.
    /// </summary>
    private EntryVersion VersionFor(string key, ReadOnlySpan<byte> value, long offset)
    {
        byte[] content = ArrayPool<byte>.Shared.Rent((key.Length * KeyCodec.MaxBytesPerChar) + value.Length);
        try
        {
            int keyLength = KeyCodec.Encode(key, content);
            value.CopyTo(content.AsSpan(keyLength));
            return _core.Data.Store.VersionFor(content.AsSpan(0, keyLength + value.Length), keyLength, offset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }
}
