using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <content>Writes that depend on the version that an entry has.</content>
internal sealed partial class ReplicatedNode
{
    public ComparedWrite CompareAndSet(string key, ReadOnlyMemory<byte> value, EntryVersion expected, in WriteExpiration expiration)
    {
        // Before the write: the memory is the caller's, and need not be the same afterwards.
        EntryVersion form = VersionFor(key, value.Span);
        return VersionAt(Write(new CompareAndSetWrite(key, value, expected, expiration)), form);
    }

    public async ValueTask<ComparedWrite> CompareAndSetAsync(
        string key, ReadOnlyMemory<byte> value, EntryVersion expected, WriteExpiration expiration, CancellationToken token)
    {
        EntryVersion form = VersionFor(key, value.Span);
        return VersionAt(await WriteAsync(new CompareAndSetWrite(key, value, expected, expiration), token).ConfigureAwait(false), form);
    }

    public WriteResult CompareAndRemove(string key, EntryVersion expected) => Write(new CompareAndRemoveWrite(key, expected));

    public ValueTask<WriteResult> CompareAndRemoveAsync(string key, EntryVersion expected, CancellationToken token) =>
        WriteAsync(new CompareAndRemoveWrite(key, expected), token);

    private static ComparedWrite VersionAt(in WriteResult result, EntryVersion form) =>
        new(result, result.IsConflict ? null : new EntryVersion(result.Offset, form.Hash));

    /// <summary>
    /// The version of an entry whose place in the stream is not known yet. The hash is that of the data set which is here now. Should another one be swapped in before
    /// the write is done, the version is one that no entry has: what compares with it finds a conflict, and its caller reads anew.
    /// </summary>
    private EntryVersion VersionFor(string key, ReadOnlySpan<byte> value)
    {
        byte[] content = ArrayPool<byte>.Shared.Rent((key.Length * KeyCodec.MaxBytesPerChar) + value.Length);
        try
        {
            int keyLength = KeyCodec.Encode(key, content);
            value.CopyTo(content.AsSpan(keyLength));
            return _core.Data.Store.VersionFor(content.AsSpan(0, keyLength + value.Length), keyLength, offset: 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(content);
        }
    }
}
