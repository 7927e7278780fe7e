using EmbeddedRepl.Replication;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// P3, tokens. Every wait for a token of a run. Compares what its caller was told, and what it read then, with the histories as they were written: the model knows all of them, whatever a node has forgotten.
/// </summary>
internal sealed class TokenLedger(ReferenceModel model)
{
    private readonly List<TokenWait> _waiting = [];
    private readonly List<TokenWait> _ended = [];

    public Dictionary<PositionWaitState, int> Ends { get; } = [];

    /// <summary>Whether nobody waits any more.</summary>
    public bool IsSettled => _waiting.TrueForAll(wait => wait.IsOver);

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            _waiting.RemoveAll(wait => wait.IsOver);
            return _waiting.Count;
        }
    }

    /// <summary>A caller begins to wait.</summary>
    public void Add(TokenWait wait) => _waiting.Add(wait);

    /// <summary>A caller was told how its wait ended.</summary>
    public void Ended(TokenWait wait)
    {
        Ends[wait.State] = Ends.GetValueOrDefault(wait.State) + 1;
        _ended.Add(wait);
        if (wait is { State: PositionWaitState.Reached, Key: not null } && wait.History.Writer != wait.Process)
        {
            wait.Process.Situations.Count(SituationCatalogue.TokenFollowed);
        }
        else if (wait.State == PositionWaitState.Left)
        {
            wait.Process.Situations.Count(SituationCatalogue.TokenLost);
        }
    }

    /// <summary>A node has made a step: who was released had what it waited for and read it, who was sent away cannot have it, and nobody waits on for what is there.</summary>
    public void CheckTokens(SimulatedProcess process)
    {
        foreach (TokenWait wait in _ended)
        {
            Check(wait);
        }

        _ended.Clear();
        DataSet data = process.Core.Data;
        foreach (TokenWait wait in _waiting)
        {
            if (wait.Process == process && !wait.IsOver && IsServed(wait, new StreamPosition(data.History.Id, data.Offset)))
            {
                throw new SimulationFailedException($"{wait}: it still waits, and this node is at {data.History.Id}:{data.Offset}.");
            }
        }
    }

    private void Check(TokenWait wait)
    {
        bool isServed = IsServed(wait, wait.Served);
        if (isServed != (wait.State == PositionWaitState.Reached) && wait.State != PositionWaitState.Cancelled)
        {
            throw new SimulationFailedException($"{wait}: that this node has it is {isServed}.");
        }

        if (wait.State == PositionWaitState.TimedOut && wait.WasLost)
        {
            throw new SimulationFailedException($"{wait}: its caller waited until the time was over, and was not told that it is lost.");
        }

        if (wait.State == PositionWaitState.Left && model[wait.Served.Id].Contains(wait.History, wait.Position.Offset))
        {
            throw new SimulationFailedException($"{wait}: it was said that it is lost, and this node is on its way there.");
        }

        if (wait.State == PositionWaitState.Reached && wait.Key is { } key && !wait.Served.Id.IsNone)
        {
            // What the line has there is at least the write that the token is of, because it contains it; an entry that is gone was removed later.
            ModelEntry? expected = model[wait.Served.Id].At(key, wait.Served.Offset);
            if (!(wait.Read ?? []).AsSpan().SequenceEqual(expected?.Value ?? []) || expected?.LastChange < wait.Position.Offset)
            {
                throw new SimulationFailedException($"{wait}: a read gives {wait.Read?.Length} bytes, where {expected} was written.");
            }
        }
    }

    private bool IsServed(TokenWait wait, StreamPosition served) =>
        wait.Position == default
        || (!served.Id.IsNone && served.Offset >= wait.Position.Offset && model[served.Id].Contains(wait.History, wait.Position.Offset));
}
