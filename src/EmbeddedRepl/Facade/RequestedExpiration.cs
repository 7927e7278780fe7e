using EmbeddedRepl.Replication;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Facade;

/// <summary>Turns the options of a write into what the node is asked for.</summary>
internal static class RequestedExpiration
{
    /// <summary>
    /// Reads the options. Both durations are positive already: the setters of <see cref="DistributedCacheEntryOptions"/> see to it.
    /// The clock is read only if there is an absolute expiration to compare with it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is not in the future, even if a relative one makes it void.</exception>
    public static WriteExpiration Of(DistributedCacheEntryOptions options, TimeProvider time)
    {
        if (options.AbsoluteExpiration is not { } absolute)
        {
            return new WriteExpiration(null, options.AbsoluteExpirationRelativeToNow, options.SlidingExpiration);
        }

        if (absolute <= time.GetUtcNow())
        {
#pragma warning disable CA2208 // The contract names the property, as Microsoft's own caches do; "options" would say less.
            throw new ArgumentOutOfRangeException(
                nameof(DistributedCacheEntryOptions.AbsoluteExpiration), absolute, "The absolute expiration must be in the future.");
#pragma warning restore CA2208
        }

        TimeSpan? relative = options.AbsoluteExpirationRelativeToNow;
        return new WriteExpiration(relative is null ? absolute.ToUniversalTime() : null, relative, options.SlidingExpiration);
    }
}
