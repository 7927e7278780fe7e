namespace EmbeddedRepl.StoreStress.Model;

/// <summary>
/// What each key can be at any moment. The writer, who holds the gate, announces a state before the change and confirms it after. A reader notes what was confirmed before it
/// reads and what was announced after, and so knows all states that were current at some moment in between: what it has read must be one of them. Written under the gate, read by any thread.
/// </summary>
internal sealed class KeyRegisters
{
    /// <summary>How many states of a key are remembered. A read during which a key changes more often cannot be judged.</summary>
    private const int Remembered = 32;

    private readonly long[] _announced;
    private readonly long[] _confirmed;
    private readonly KeyState[] _states;
    private readonly long[] _lastReads;

    public KeyRegisters(int keys)
    {
        _announced = new long[keys];
        _confirmed = new long[keys];
        _states = new KeyState[keys * Remembered];
        _lastReads = new long[keys];
    }

    public int Keys => _announced.Length;

    /// <summary>The state that a key has. Under the gate.</summary>
    public KeyState Current(int key) => State(key, _announced[key]);

    /// <summary>Before a change. Under the gate.</summary>
    public void Announce(int key, in KeyState state)
    {
        long next = _announced[key] + 1;
        State(key, next) = state;
        Volatile.Write(ref _announced[key], next);
    }

    /// <summary>After it. Under the gate.</summary>
    public void Confirm(int key) => Volatile.Write(ref _confirmed[key], _announced[key]);

    /// <summary>The number of the last state that is in place.</summary>
    public long Confirmed(int key) => Volatile.Read(ref _confirmed[key]);

    /// <summary>The number of the last state that may be in place.</summary>
    public long Announced(int key) => Volatile.Read(ref _announced[key]);

    /// <summary>Looks for the first state, from one number to the last announced one, that fits.</summary>
    /// <returns>Its number; -1 if there is none, -2 if it cannot be told because the key has changed too often.</returns>
    public long FindFirst<TArgument>(int key, long from, TArgument argument, Func<KeyState, TArgument, bool> fits)
    {
        Volatile.ReadBarrier();
        long last = Announced(key);
        long found = -1;
        for (long number = from; number <= last && last - from < Remembered - 1; number++)
        {
            if (fits(State(key, number), argument))
            {
                found = number;
                break;
            }
        }

        Volatile.ReadBarrier();

        // The state that is announced next takes the place of the oldest one before its number says so.
        return Announced(key) - from >= Remembered - 1 ? -2 : found;
    }

    /// <summary>When the given state of a sliding entry was last read for certain; 0 if that is not known.</summary>
    public long LastRead(int key, long offset)
    {
        long packed = Volatile.Read(ref _lastReads[key]);
        return (packed >>> 32) == (offset & 0xFFFF_FFFF) && packed != 0 ? StressClock.Origin + (packed & 0xFFFF_FFFF) : 0;
    }

    /// <summary>A state of a sliding entry was read by a read that began at that time.</summary>
    public void NoteRead(int key, long offset, long begin)
    {
        long packed = (offset << 32) | (begin - StressClock.Origin);
        long before;
        do
        {
            before = Volatile.Read(ref _lastReads[key]);
            if ((ulong)packed <= (ulong)before)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref _lastReads[key], packed, before) != before);
    }

    private ref KeyState State(int key, long number) => ref _states[(key * Remembered) + (int)(number % Remembered)];
}
