namespace EmbeddedRepl.Benchmarks.Storm;

/// <summary>The receivers of one process.</summary>
internal interface IReceivers : IDisposable
{
    /// <summary>How many of them stream.</summary>
    int Streaming { get; }

    /// <summary>Up to where all of them have the stream.</summary>
    long Offset { get; }

    /// <summary>Ends those that run and starts all of them anew, with nothing.</summary>
    void Restart();

    /// <summary>Says what differs from what is expected; null if nothing does.</summary>
    string? FindDifference(string expected);
}
