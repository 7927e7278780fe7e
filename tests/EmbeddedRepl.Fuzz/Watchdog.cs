namespace EmbeddedRepl.Fuzz;

/// <summary>Ends the process when one input takes far too long: whoever hangs cannot be asked to stop.</summary>
internal sealed class Watchdog : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Timer _timer;
    private long _input;
    private long _seen = -1;

    /// <param name="hangs">Prints what hangs; given the number of the input.</param>
    public Watchdog(Action<long> hangs) => _timer = new Timer(
        _ =>
        {
            long input = Volatile.Read(ref _input);
            if (input == _seen)
            {
                hangs(input);
                Environment.Exit(3);
            }

            _seen = input;
        },
        null,
        Limit,
        Limit);

    /// <summary>The next input begins.</summary>
    public void Begin(long input) => Volatile.Write(ref _input, input);

    public void Dispose() => _timer.Dispose();
}
