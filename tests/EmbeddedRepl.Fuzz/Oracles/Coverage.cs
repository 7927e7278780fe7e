namespace EmbeddedRepl.Fuzz.Oracles;

/// <summary>Counts what inputs have reached: by frame type or kind of record and outcome, by reason of refusal. Not thread-safe.</summary>
internal sealed class Coverage(RefusalSites sites)
{
    private readonly Dictionary<(string Kind, string Outcome), long> _counts = [];
    private readonly List<string> _messages = new(64);

    /// <summary>How often each kind of thing had each outcome.</summary>
    public IReadOnlyDictionary<(string Kind, string Outcome), long> Counts => _counts;

    /// <summary>The reasons for which something can be refused.</summary>
    public RefusalSites Sites => sites;

    public void Count(string kind, string outcome) =>
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_counts, (kind, outcome), out _)++;

    /// <summary>Something was refused, with this message.</summary>
    public void Refused(string kind, string message)
    {
        Count(kind, "refused");
        _messages.Add(message);
    }

    /// <summary>Looks up what was refused since the last time. Not while an input is measured: it takes memory of its own.</summary>
    public void Settle()
    {
        foreach (string message in _messages)
        {
            sites.Reached(message);
        }

        _messages.Clear();
    }

    public long Of(string kind, string outcome) => _counts.GetValueOrDefault((kind, outcome));
}
