using EmbeddedRepl.Replication.Master;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

[Trait("Behaviour", "A17")]
public sealed class FullSyncLineTests
{
    private readonly FullSyncLine _line = new();
    private readonly MasterSession[] _sessions;

    public FullSyncLineTests()
    {
        CoreNode master = CoreNode.Master(new ManualTimeProvider());
        _sessions = [.. Enumerable.Range(0, 6).Select(_ => new ScriptedReplica(master).Session)];
    }

    [Fact]
    public void Enter_BeyondTheLimit_WaitsInTheOrderOfArrival()
    {
        Assert.Equal([true, true, false, false, false, false], _sessions.Select(session => _line.Enter(session, 2)));
        Assert.Equal([0, 0, 1, 2, 3, 4], _sessions.Select(_line.PositionOf));
        Assert.Equal((2, 4), (_line.Running, _line.Waiting));
    }

    [Fact]
    public void Leave_OneThatRuns_LetsTheFirstInLineIn()
    {
        EnterAll();

        Assert.Equal([_sessions[2]], _line.Leave(_sessions[0], 2));
        Assert.Equal([0, 0, 0, 1, 2, 3], _sessions.Select(_line.PositionOf));
        Assert.Equal(2, _line.Running);
    }

    [Fact]
    public void Leave_OneThatWaits_MovesThoseBehindItUpAndLetsNobodyIn()
    {
        EnterAll();

        Assert.Empty(_line.Leave(_sessions[3], 2));
        Assert.Equal(2, _line.PositionOf(_sessions[4]));
        Assert.Equal((2, 3), (_line.Running, _line.Waiting));
    }

    [Fact]
    public void Leave_LimitWasRaised_LetsSeveralIn()
    {
        EnterAll();

        Assert.Equal([_sessions[2], _sessions[3], _sessions[4]], _line.Leave(_sessions[0], 4));
    }

    [Fact]
    public void Leave_Twice_ChangesNothingMore()
    {
        EnterAll();
        _line.Leave(_sessions[0], 2);

        Assert.Empty(_line.Leave(_sessions[0], 2));
        Assert.Equal((2, 3), (_line.Running, _line.Waiting));
    }

    private void EnterAll()
    {
        foreach (MasterSession session in _sessions)
        {
            _line.Enter(session, 2);
        }
    }
}
