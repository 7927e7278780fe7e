namespace EmbeddedRepl.Simulation.Model;

/// <summary>The lines of history that some node gave up with permission, and how far each had come: those below it may give up the same and no more.</summary>
internal sealed class AbandonedLines
{
    private readonly List<(HistoryModel History, long End)> _lines = [];

    public void Add(HistoryModel history, long end) => _lines.Add((history, end));

    /// <summary>Whether a node at this place has nothing that was not given up by somebody.</summary>
    public bool Contains(HistoryModel? history, long offset) =>
        history is not null && _lines.Any(line => offset <= line.End && line.History.Contains(history, offset));
}
