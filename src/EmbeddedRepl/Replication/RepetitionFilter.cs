namespace EmbeddedRepl.Replication;

/// <summary>
/// Keeps a peer that tries again and again from filling the log with the same line: a text is new once a minute for each
/// host. Remembers at most <see cref="MaxRemembered"/> texts; when they are reached, all are forgotten. Called under the gate.
/// </summary>
internal sealed class RepetitionFilter(TimeProvider time)
{
    private const int MaxRemembered = 256;

    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private readonly Dictionary<(string Host, string Text), long> _seen = [];

    /// <param name="peer">Host and port; the port changes with every connection and is not looked at.</param>
    /// <param name="text">What would be logged.</param>
    public bool IsNew(string peer, string text)
    {
        int colon = peer.LastIndexOf(':');
        (string, string) key = (colon < 0 ? peer : peer[..colon], text);
        long now = time.GetTimestamp();
        if (_seen.TryGetValue(key, out long last) && time.GetElapsedTime(last, now) < Memory)
        {
            return false;
        }

        if (_seen.Count >= MaxRemembered)
        {
            _seen.Clear();
        }

        _seen[key] = now;
        return true;
    }
}
