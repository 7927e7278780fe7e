namespace EmbeddedRepl.Facade;

/// <summary>One computation of a value that several callers may wait for. Its counts are the table's; see <see cref="FlightTable"/>.</summary>
/// <param name="key">Of the entry that is to have the value.</param>
#pragma warning disable CA1001 // The source is not disposed of: whoever leaves last may cancel it at any time, and without a timer or a wait handle it holds nothing.
internal sealed class Flight(string key)
#pragma warning restore CA1001
{
    private readonly TaskCompletionSource<byte[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly CancellationTokenSource _abandoned = new();

    public string Key => key;

    /// <summary>The thread on which it began.</summary>
    public int Thread { get; } = Environment.CurrentManagedThreadId;

    /// <summary>How many callers wait for it.</summary>
    public int Waiters { get; set; }

    /// <summary>Whether it is over, or nobody waits for it any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Ends with the value, which belongs to nobody: each waiter copies it. May be waited for by blocking, too; needs no thread of the pool.</summary>
    public Task<byte[]> Landed => _done.Task;

    public void Land(byte[] value) => _done.TrySetResult(value);

    public void Fail(Exception exception)
    {
        if (_done.TrySetException(exception))
        {
            // Seen, also if everybody has gone.
            _ = _done.Task.Exception;
        }
    }

    /// <summary>Nobody waits any more. What the application does then runs on the pool, and what it throws is for nobody.</summary>
    public void Abandon() => _ = _abandoned.CancelAsync();
}
