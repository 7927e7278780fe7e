using System.Text;

namespace EmbeddedRepl.Facade;

/// <summary>The limits of keys and values as a caller meets them. Thread-safe.</summary>
internal readonly struct SizeLimits
{
    // A UTF-16 code unit takes at most this many bytes; a lone surrogate takes as many, and is counted so by the encoding, too.
    private const int MaxBytesPerChar = 3;

    private readonly int _maxKeySize;
    private readonly int _maxValueSize;

    /// <summary>Takes the limits out of the options; later changes of the options have no effect.</summary>
    public SizeLimits(ReplicatedCacheOptions options)
    {
        _maxKeySize = options.MaxKeySize;
        _maxValueSize = options.MaxValueSize;
    }

    /// <summary>Whether an entry of this key can exist. Reading a larger key is a miss, not an error.</summary>
    public bool Allows(string key) => key.Length <= _maxKeySize / MaxBytesPerChar || Encoding.UTF8.GetByteCount(key) <= _maxKeySize;

    /// <summary>Refuses a key that is too large to be written. The message does not show the key.</summary>
    public void ThrowIfTooLarge(string key, string parameter)
    {
        if (!Allows(key))
        {
            int size = Encoding.UTF8.GetByteCount(key);
            throw new ArgumentOutOfRangeException(
                parameter, size, $"The key has {size} bytes in UTF-8; {nameof(ReplicatedCacheOptions.MaxKeySize)} allows {_maxKeySize}.");
        }
    }

    /// <summary>Refuses a value that is too large to be written.</summary>
    public void ThrowIfTooLarge(long valueSize, string parameter)
    {
        if (valueSize > _maxValueSize)
        {
            throw new ArgumentOutOfRangeException(
                parameter, valueSize, $"The value has {valueSize} bytes; {nameof(ReplicatedCacheOptions.MaxValueSize)} allows {_maxValueSize}.");
        }
    }
}
