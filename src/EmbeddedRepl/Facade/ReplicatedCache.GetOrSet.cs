using System.Buffers;
using EmbeddedRepl.Replication;
using Microsoft.Extensions.Caching.Distributed;

namespace EmbeddedRepl.Facade;

/// <content>
/// Values that are computed when they are missing. Callers that block and callers that await do not wait for each other: a flight of the latter goes on on threads of the pool, and
/// the former may hold all of them.
/// </content>
internal sealed partial class ReplicatedCache
{
    private readonly FlightTable _flights = new();
    private readonly FlightTable _blockingFlights = new();
    private readonly UncachedValues _uncached;

    public Task<byte[]> GetOrSetAsync(
        string key, Func<CancellationToken, Task<byte[]>> factory, DistributedCacheEntryOptions options, CancellationToken cancellationToken = default)
    {
        // Null stays null, so that it is refused there with the right name, after the key.
        Func<Func<CancellationToken, Task<byte[]>>, CancellationToken, Task<byte[]>>? withState = factory is null ? null : static (inner, token) => inner(token);
        return GetOrSetAsync(key, factory!, withState!, options, cancellationToken);
    }

    public async Task<byte[]> GetOrSetAsync<TState>(
        string key,
        TState state,
        Func<TState, CancellationToken, Task<byte[]>> factory,
        DistributedCacheEntryOptions options,
        CancellationToken cancellationToken = default)
    {
        WriteExpiration expiration = CheckedExpiration(key, factory, options);
        cancellationToken.ThrowIfCancellationRequested();
        long landings = _flights.Landings;
        if (Get(key) is { } present)
        {
            return present;
        }

        _node.ThrowIfReadOnly();
        Flight flight = _flights.Join(key, out bool isFirst);
        try
        {
            if (isFirst)
            {
                _ = FlyAsync(flight, looksAgain: _flights.Landings != landings, state, factory, expiration);
            }

            return CopyOf(await flight.Landed.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            _flights.Leave(flight);
        }
    }

    public byte[] GetOrSet(string key, Func<byte[]> factory, DistributedCacheEntryOptions options)
    {
        WriteExpiration expiration = CheckedExpiration(key, factory, options);
        long landings = _blockingFlights.Landings;
        if (Get(key) is { } present)
        {
            return present;
        }

        _node.ThrowIfReadOnly();
        Flight flight = _blockingFlights.Join(key, out bool isFirst);
        try
        {
            if (isFirst)
            {
                Fly(flight, looksAgain: _blockingFlights.Landings != landings, factory, expiration);
            }
            else if (flight.Thread == Environment.CurrentManagedThreadId && !flight.Landed.IsCompleted)
            {
                throw new InvalidOperationException("The factory asks for the very entry whose value it computes; it would wait for itself.");
            }

            return CopyOf(flight.Landed.GetAwaiter().GetResult());
        }
        finally
        {
            _blockingFlights.Leave(flight);
        }
    }

    /// <summary>Computes the value and writes it. Throws nothing: how it ends, the flight says.</summary>
    private async Task FlyAsync<TState>(
        Flight flight, bool looksAgain, TState state, Func<TState, CancellationToken, Task<byte[]>> factory, WriteExpiration expiration)
    {
        try
        {
            byte[]? value = looksAgain ? Get(flight.Key) : null;
            if (value is null)
            {
                value = Checked(await factory(state, flight.Abandoned).ConfigureAwait(false));
                if (!flight.Abandoned.IsCancellationRequested)
                {
                    await WriteComputedAsync(flight.Key, value, expiration).ConfigureAwait(false);
                }
            }

            _flights.Land(flight, value);
        }
#pragma warning disable CA1031 // The application's code: whatever it throws is for those who wait.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _flights.Fail(flight, exception);
        }
    }

    /// <inheritdoc cref="FlyAsync"/>
    private void Fly(Flight flight, bool looksAgain, Func<byte[]> factory, in WriteExpiration expiration)
    {
        try
        {
            byte[]? value = looksAgain ? Get(flight.Key) : null;
            if (value is null)
            {
                value = Checked(factory());
                WriteComputed(flight.Key, value, expiration);
            }

            _blockingFlights.Land(flight, value);
        }
#pragma warning disable CA1031 // The application's code: whatever it throws is for those who wait.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _blockingFlights.Fail(flight, exception);
        }
    }

    private async Task WriteComputedAsync(string key, byte[] value, WriteExpiration expiration)
    {
        try
        {
            // Not for any one of the callers to cancel.
            _tracking.Note(await _node.SetAsync(key, new ReadOnlySequence<byte>(value), expiration, CancellationToken.None).ConfigureAwait(false));
        }
        catch (ReplicatedCacheException exception)
        {
            // The callers want the value, which is there; that the cache is degraded must not take their service down.
            _uncached.Report(exception);
        }
    }

    private void WriteComputed(string key, byte[] value, in WriteExpiration expiration)
    {
        try
        {
            _tracking.Note(_node.Set(key, new ReadOnlySequence<byte>(value), expiration));
        }
        catch (ReplicatedCacheException exception)
        {
            _uncached.Report(exception);
        }
    }

    private WriteExpiration CheckedExpiration(string key, Delegate factory, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(factory);
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfDisposed();
        _limits.ThrowIfTooLarge(key, nameof(key));

        // Now, so that a deadline that passes while the value is computed is no error.
        return RequestedExpiration.Of(options, _time);
    }

    /// <summary>What a factory has returned, as an array that is nobody else's.</summary>
    private byte[] Checked(byte[] computed)
    {
        if (computed is null)
        {
            throw new InvalidOperationException("The factory returned null, which is no value.");
        }

        _limits.ThrowIfTooLarge(computed.Length, "factory");
        return CopyOf(computed);
    }

    private static byte[] CopyOf(byte[] value) => value.AsSpan().ToArray();
}
