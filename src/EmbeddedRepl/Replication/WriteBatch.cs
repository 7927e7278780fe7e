using System.Buffers;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Replication;

/// <summary>
/// Gathers writes and applies them in order, some at a time under one hold of the gate. Keys are encoded, hashed and looked
/// up before the gate is taken, so that the memory that the writes will touch is on its way when they need it.
/// </summary>
internal ref struct WriteBatch
{
    /// <summary>Writes under one hold of the gate: enough to hide the latency of memory, few enough that others wait microseconds.</summary>
    private const int Size = 32;

    /// <summary>Bytes of values after which a hold ends, however few writes they are: copying large ones takes longer than all else.</summary>
    private const long EnoughBytes = 256 * 1024;

    private readonly NodeCore _core;
    private readonly EntryExpiration _expiration;
    private readonly (int Start, int Length, ulong Hash, ReadOnlyMemory<byte> Value)[] _writes;
    private CacheStore _store;
    private byte[] _keys;
    private int _keysLength;
    private long _valueBytes;
    private int _count;

    public WriteBatch(NodeCore core, in EntryExpiration expiration)
    {
        _core = core;
        _expiration = expiration;
        _store = core.Data.Store;
        _writes = new (int, int, ulong, ReadOnlyMemory<byte>)[Size];
        _keys = ArrayPool<byte>.Shared.Rent(Size * 64);
    }

    /// <summary>How many writes are applied, also if the next one failed.</summary>
    public int Written { get; private set; }

    /// <summary>Where the last one was applied.</summary>
    public WriteResult Result { get; private set; }

    public void Add(string key, ReadOnlyMemory<byte> value)
    {
        int max = key.Length * KeyCodec.MaxBytesPerChar;
        if (_count == Size || _valueBytes >= EnoughBytes || (_count > 0 && _keys.Length - _keysLength < max))
        {
            Apply();
        }

        if (_keys.Length < max)
        {
            ArrayPool<byte>.Shared.Return(_keys);
            _keys = ArrayPool<byte>.Shared.Rent(max);
        }

        int length = KeyCodec.Encode(key, _keys.AsSpan(_keysLength));
        StoreKey storeKey = _store.MakeKey(_keys.AsSpan(_keysLength, length));
        _writes[_count++] = (_keysLength, length, storeKey.Hash, value);
        _keysLength += length;
        _valueBytes += value.Length;
    }

    /// <summary>Applies what is left and gives the memory back. The batch is used up.</summary>
    public void Flush()
    {
        Apply();
        ArrayPool<byte>.Shared.Return(_keys);
        _keys = [];
    }

    private void Apply()
    {
        Span<ulong> hashes = stackalloc ulong[Size];
        for (int i = 0; i < _count; i++)
        {
            hashes[i] = _writes[i].Hash;
        }

        _store.Prefetch(hashes[.._count]);
        lock (_core.Gate)
        {
            for (int i = 0; i < _count; i++)
            {
                (int start, int length, ulong hash, ReadOnlyMemory<byte> value) = _writes[i];
                var key = new StoreKey(_keys.AsSpan(start, length), hash);
                _core.Set(_core.KeyFor(_store, key), new ReadOnlySequence<byte>(value), _expiration);
                Written++;
            }

            Result = _core.Written(hasChanged: true);
        }

        _store = _core.Data.Store;
        _count = 0;
        _keysLength = 0;
        _valueBytes = 0;
    }
}
