using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>What each key of a store may be read as: its state, and while a write is under way also the one that comes.</summary>
/// <param name="now">The store's clock, in UTC milliseconds.</param>
internal sealed class StoreStates(Func<long> now)
{
    private readonly Dictionary<int, State> _present = [];
    private readonly Dictionary<int, State> _coming = [];
    private readonly List<WeakReference<Watch>> _watches = [];

    /// <summary>A write begins that makes a key this; null removes it.</summary>
    public void Begin(int key, byte[]? value, long deadline)
    {
        var state = new State(value, deadline);
        _coming[key] = state;
        Tell(key, state);
    }

    /// <summary>It is through.</summary>
    public void Complete(int key)
    {
        if (_coming.Remove(key, out State? state))
        {
            _present[key] = state;
        }
    }

    /// <summary>Everything is about to be removed.</summary>
    public void BeginClear()
    {
        foreach (int key in _present.Keys)
        {
            Begin(key, null, 0);
        }
    }

    /// <summary>Everything is removed.</summary>
    public void CompleteClear()
    {
        foreach (int key in _coming.Keys.ToArray())
        {
            Complete(key);
        }
    }

    /// <summary>Notes every state that a key has from now on.</summary>
    public Watch WatchFromNow(int key)
    {
        var watch = new Watch(this, key);
        watch.States.Add(_present.GetValueOrDefault(key) ?? State.Missing);
        if (_coming.TryGetValue(key, out State? coming))
        {
            watch.States.Add(coming);
        }

        _watches.Add(new WeakReference<Watch>(watch));
        return watch;
    }

    private void Tell(int key, State state)
    {
        for (int i = _watches.Count - 1; i >= 0; i--)
        {
            if (!_watches[i].TryGetTarget(out Watch? watch) || watch.IsOver)
            {
                _watches.RemoveAt(i);
            }
            else if (watch.Key == key)
            {
                watch.States.Add(state);
            }
        }
    }

    /// <param name="Value">Null if there is no entry.</param>
    /// <param name="Deadline">In UTC milliseconds; 0 if it does not expire.</param>
    internal sealed record State(byte[]? Value, long Deadline)
    {
        public static readonly State Missing = new(null, 0);
    }

    /// <summary>The states of one key from a moment on.</summary>
    internal sealed class Watch(StoreStates owner, int key)
    {
        private readonly long _begunAt = owner.Now;

        public int Key => key;

        public List<State> States { get; } = [];

        public bool IsOver { get; private set; }

        /// <summary>Whether the key had a value in each of them, expired or not.</summary>
        public bool WasThereAllTheTime => States.TrueForAll(state => state.Value is not null);

        /// <summary>Checks what a read has found and ends the watch.</summary>
        /// <param name="value">Null if it found nothing.</param>
        /// <param name="name">The key, for the message.</param>
        public void Check(byte[]? value, string name)
        {
            IsOver = true;
            bool isRight = value is null
                ? States.Exists(state => state.Value is null || (state.Deadline != 0 && state.Deadline <= owner.Now))
                : States.Exists(state => state.Value is { } one && one.AsSpan().SequenceEqual(value) && (state.Deadline == 0 || _begunAt < state.Deadline));
            if (!isRight)
            {
                throw new SimulationFailedException($"A read of '{name}' found {(value is null ? "nothing" : $"{value.Length} bytes")}, which it was at no moment of the read.");
            }
        }

        /// <summary>Checks an entry of a snapshot, which may have expired.</summary>
        public void CheckWritten(byte[] value, string name)
        {
            if (!States.Exists(state => state.Value is { } one && one.AsSpan().SequenceEqual(value)))
            {
                throw new SimulationFailedException($"A snapshot has {value.Length} bytes of '{name}', which it was at no moment of the snapshot.");
            }
        }
    }

    private long Now => now();
}
