using EmbeddedRepl.Comparison.Redis;

namespace EmbeddedRepl.Comparison.Runner;

/// <summary>What a scenario measures with and reports to.</summary>
internal sealed class ScenarioContext(ComparisonOptions options, Report report, IScenario scenario)
{
    /// <summary>The name of the peer that is a server.</summary>
    public const string RedisPeer = "Redis";

    /// <summary>Whether only the way through is tried.</summary>
    public bool IsShort => options.IsShort;

    /// <summary>Whether there is a Redis to compare with.</summary>
    public static bool HasRedis => RedisServer.IsInstalled;

    /// <summary>A number for a real run, and one for a run that only tries the way.</summary>
    public int Size(int real, int tried) => options.IsShort ? tried : real;

    /// <summary>Says what is being done now.</summary>
    public void Progress(string text) => report.Progress($"{scenario.Name}: {text}");

    /// <summary>
    /// Measures two contenders in turns, A B A B …; the first turn of each is for warming up and does not count.
    /// </summary>
    /// <param name="turns">Turns that count.</param>
    /// <param name="ours">Measures us once.</param>
    /// <param name="theirs">Measures the peer once, or null if it isn't there.</param>
    /// <param name="warmUp">Whether to begin with a turn that does not count.</param>
    /// <returns>All measurements of both; the second is empty without a peer.</returns>
    public (T[] Ours, T[] Theirs) InTurns<T>(int turns, Func<T> ours, Func<T>? theirs, bool warmUp = true)
    {
        T[][] all = AllInTurns<T>(turns, theirs is null ? [ours] : [ours, theirs], warmUp);
        return (all[0], all.Length == 1 ? [] : all[1]);
    }

    /// <summary>The same for any number of contenders, A B C A B C …</summary>
    /// <returns>All measurements of each.</returns>
    public T[][] AllInTurns<T>(int turns, IReadOnlyList<Func<T>> contenders, bool warmUp = true)
    {
        List<T>[] measured = [.. contenders.Select(_ => new List<T>())];
        turns = Size(turns, 1);
        for (int turn = warmUp && !IsShort ? -1 : 0; turn < turns; turn++)
        {
            Progress($"turn {turn + 1} of {turns}");
            for (int i = 0; i < contenders.Count; i++)
            {
                T one = contenders[i]();
                if (turn >= 0)
                {
                    measured[i].Add(one);
                }
            }
        }

        return [.. measured.Select(list => list.ToArray())];
    }

    /// <summary>Reports a figure that has a peer. With no measurements of the peer it is reported without.</summary>
    public void Report(string name, string unit, IEnumerable<double> ours, string peer, IEnumerable<double> theirs, Goal? goal = null)
    {
        double[] others = [.. theirs];
        report.Add(new Figure(scenario.Name, name, unit, [.. ours], others.Length == 0 ? null : peer, others, Judged(goal)));
    }

    /// <summary>Reports a figure of ours alone.</summary>
    public void Report(string name, string unit, double ours, Goal? goal = null) => report.Add(new Figure(scenario.Name, name, unit, [ours], null, [], Judged(goal)));

    /// <summary>Prints something that is no figure: how it was measured, what has to be known to understand it.</summary>
    public void Note(string text) => report.Note(text);

    // What so few entries and turns give says nothing of a goal.
    private Goal? Judged(Goal? goal) => options.IsShort ? null : goal;

    /// <summary>Ends the run unless what was measured did what it should.</summary>
    /// <exception cref="WrongResultException">It didn't.</exception>
    public static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new WrongResultException(message);
        }
    }
}
