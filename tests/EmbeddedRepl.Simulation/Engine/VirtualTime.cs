namespace EmbeddedRepl.Simulation.Engine;

/// <summary>
/// Time of one run, in microseconds, and everything that is going to happen in it. Events at the same moment happen in the
/// order in which they were scheduled, so that a seed always gives the same run. One thread.
/// </summary>
internal sealed class VirtualTime
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private long _order;

    /// <summary>Microseconds since the run began.</summary>
    public long Now { get; private set; }

    public long EventsRun { get; private set; }

    public void After(long microseconds, Action action) => _events.Enqueue(action, (Now + Math.Max(0, microseconds), _order++));

    /// <summary>Lets time pass until <paramref name="moment"/>, or until <paramref name="isDone"/> says that it is enough.</summary>
    /// <returns>Whether <paramref name="isDone"/> came true.</returns>
    public bool RunUntil(long moment, Func<bool>? isDone = null)
    {
        while (_events.TryPeek(out Action? action, out (long At, long Order) due) && due.At <= moment)
        {
            _events.Dequeue();
            Now = due.At;
            EventsRun++;
            action();
            if (isDone?.Invoke() == true)
            {
                return true;
            }
        }

        Now = Math.Max(Now, moment);
        return false;
    }
}
