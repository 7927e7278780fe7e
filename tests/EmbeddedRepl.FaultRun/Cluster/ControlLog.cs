using System.Globalization;
using EmbeddedRepl.FaultRun.History;
using EmbeddedRepl.NodeProcess.Clients;

namespace EmbeddedRepl.FaultRun.Cluster;

/// <summary>
/// What was done to the nodes, one line per event, in <c>control.log</c>: <c>C time nodes</c>, <c>S time node life M|R</c> started, <c>K time node</c> killed or stopped, <c>M time node master</c> follows,
/// <c>F from to kind node,node</c> a fault that is over, <c>D time promote|override node id offset node:id:offset …</c> a decision and the answers that it was made from; a line that begins with <c>#</c> is for people.
/// </summary>
internal sealed class ControlLog : IDisposable
{
    private readonly StreamWriter _file;

    public ControlLog(string folder) => _file = new StreamWriter(Path.Combine(folder, "control.log")) { AutoFlush = true };

    public void Begun(int nodes) => Write($"C {MonotonicClock.Now} {nodes}");

    public void Started(int node, int life, bool isMaster) => Write($"S {MonotonicClock.Now} {node} {life} {(isMaster ? 'M' : 'R')}");

    public void Ends(int node) => Write($"K {MonotonicClock.Now} {node}");

    public void Follows(int node, int master) => Write($"M {MonotonicClock.Now} {node} {master}");

    public void Fault(long from, string kind, int[] nodes) => Write($"F {from} {MonotonicClock.Now} {kind} {string.Join(',', nodes)}");

    public void Decided(Decision decision)
    {
        string answers = string.Join(' ', decision.Answers.Select(answer => $"{answer.Node}:{answer.Place.Id}:{answer.Place.Offset}"));
        Write($"D {decision.Time} {decision.Kind} {decision.Node} {decision.Chosen.Id} {decision.Chosen.Offset} {answers}");
    }

    public void Note(string text) => Write($"# {MonotonicClock.Now} {text}");

    public void Dispose() => _file.Dispose();

    private void Write(FormattableString line) => _file.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
