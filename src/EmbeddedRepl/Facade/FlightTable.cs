namespace EmbeddedRepl.Facade;

/// <summary>The computations that are under way, one for each key: a second caller waits for the first one's. Holds nothing of those that are over. Thread-safe.</summary>
internal sealed class FlightTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Flight> _flights = new(StringComparer.Ordinal);
    private long _landings;

    /// <summary>Counts the flights that have landed: who found no entry before the last of them looks again.</summary>
    public long Landings => Interlocked.Read(ref _landings);

    /// <summary>Waits for the flight of a key; begins one if there is none. To be <see cref="Leave">left</see> once.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isFirst">Whether the caller has to compute the value, and to <see cref="Land"/> or <see cref="Fail"/>.</param>
    public Flight Join(string key, out bool isFirst)
    {
        lock (_lock)
        {
            isFirst = !_flights.TryGetValue(key, out Flight? flight);
            if (isFirst)
            {
                _flights.Add(key, flight = new Flight(key));
            }

            flight!.Waiters++;
            return flight;
        }
    }

    /// <summary>A caller waits no more. When it was the last one of a flight under way, that is abandoned, and the next caller begins another.</summary>
    public void Leave(Flight flight)
    {
        lock (_lock)
        {
            if (--flight.Waiters > 0 || !TryEnd(flight))
            {
                return;
            }
        }

        flight.Abandon();
    }

    /// <summary>The value is there, and written if it could be. No effect on a flight that was abandoned.</summary>
    public void Land(Flight flight, byte[] value)
    {
        lock (_lock)
        {
            if (!TryEnd(flight))
            {
                return;
            }

            _landings++;
        }

        flight.Land(value);
    }

    /// <summary>There is no value; everybody who waits gets the exception.</summary>
    public void Fail(Flight flight, Exception exception)
    {
        lock (_lock)
        {
            TryEnd(flight);
        }

        flight.Fail(exception);
    }

    /// <summary>Takes a flight out; under the lock.</summary>
    private bool TryEnd(Flight flight)
    {
        if (flight.IsOver)
        {
            return false;
        }

        flight.IsOver = true;
        _flights.Remove(flight.Key);
        return true;
    }
}
