namespace EmbeddedRepl.Storage;

/// <summary>A set was refused for lack of memory; the store is unchanged.</summary>
internal sealed class StoreFullException : CacheFullException
{
    /// <summary>Creates the exception.</summary>
    public StoreFullException(string message, Exception? innerException = null)
        : base(message, innerException!)
    {
    }
}
