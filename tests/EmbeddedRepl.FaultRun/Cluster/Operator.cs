using System.Globalization;
using EmbeddedRepl.FaultRun.History;
using EmbeddedRepl.NodeProcess;
using EmbeddedRepl.NodeProcess.Clients;

namespace EmbeddedRepl.FaultRun.Cluster;

/// <summary>
/// Does what people would have to do: promotes the most advanced node that answers, points the others to it, and decides where nodes refuse. Knows of a node only what that node answers, and nothing
/// of one that is down, frozen or silent.
/// </summary>
internal sealed class Operator(FaultCluster cluster)
{
    private static readonly TimeSpan RefusalPatience = TimeSpan.FromSeconds(5);

    private readonly Lineage _lineage = new();
    private readonly long[] _aloneSince = new long[cluster.Nodes.Length];
    private Place? _masterLastSeen;

    public int Failovers { get; private set; }

    public int Refusals { get; private set; }

    /// <summary>Tells every node that can be reached whom it is to follow, if it was told something else before.</summary>
    public void Reconcile()
    {
        foreach (ClusterNode node in cluster.Nodes)
        {
            if (node.IsRunning && !node.IsCutOff && cluster.WayOf(node.Number) is { } way && node.Followed != way)
            {
                node.TryFollow(way);
            }
        }
    }

    /// <summary>
    /// Promotes the most advanced node of those that answer and may take the master's place (<see cref="MostAdvanced.Eligible"/>), and points all others to it.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    public bool FailOver()
    {
        long began = MonotonicClock.Now;
        Answer[] answers = Ask();
        Answer[] others = [.. answers.Where(answer => answer.Node != cluster.Master)];
        return Promote(began, MostAdvanced.Eligible(others, PlaceOf(cluster.Master, answers), _masterLastSeen, _lineage));
    }

    /// <summary>Decides where the software leaves the decision to people: a master that found several histories, and a replica that refuses to be replaced.</summary>
    public void DecideRefusals()
    {
        if (cluster.Nodes[cluster.Master].TryStatus() is not { } master)
        {
            // Nobody has been without a master that is there.
            Array.Clear(_aloneSince);
            return;
        }

        if (master.RecoveryState == nameof(RecoveryState.Undecided))
        {
            DecideBetweenLines(master);
            return;
        }

        foreach (ClusterNode node in cluster.Nodes.Where(node => node.Number != cluster.Master))
        {
            if (node.TryStatus() is { } status && status.LinkState != nameof(ReplicationLinkState.Streaming) && master.RecoveryState == nameof(RecoveryState.None))
            {
                if (_aloneSince[node.Number] == 0)
                {
                    _aloneSince[node.Number] = MonotonicClock.Now;
                }
                else if (MonotonicClock.Now - _aloneSince[node.Number] > RefusalPatience.TotalMicroseconds)
                {
                    Decide(node, status);
                    _aloneSince[node.Number] = 0;
                    return;
                }
            }
            else
            {
                _aloneSince[node.Number] = 0;
            }
        }
    }

    /// <summary>Whether both answer, and one has nothing but what is on the other's line: then an order to follow makes nobody give anything up.</summary>
    public bool AreOnOneLine(int node, int other)
    {
        Answer[] answers = Ask();
        return PlaceOf(node, answers) is { } first && PlaceOf(other, answers) is { } second
            && (_lineage.IsOnLine(first.Id, second) || _lineage.IsOnLine(second.Id, first));
    }

    /// <summary>Where every node that answers stands.</summary>
    private Answer[] Ask()
    {
        var answers = new List<Answer>();
        foreach (ClusterNode node in cluster.Nodes)
        {
            if (node.TryTell("line") is { } line && line.Split(' ') is var words && words[0] != "-")
            {
                _lineage.Learn(words[0], MonotonicClock.Now, node.Number, [.. words[2..].Select(word => word.Split(':')).Select(parts => (Place(parts[0], parts[1]), parts[2][0]))]);
                answers.Add(new Answer(node.Number, Place(words[0], words[1])));
            }
        }

        _masterLastSeen = PlaceOf(cluster.Master, [.. answers]) ?? _masterLastSeen;

        return [.. answers];
    }

    /// <summary>Where that node stands; null if it did not answer.</summary>
    private static Place? PlaceOf(int node, Answer[] answers) => answers.FirstOrDefault(answer => answer.Node == node)?.Place;

    private static Place Place(string id, string offset) => new(id, long.Parse(offset, CultureInfo.InvariantCulture));

    /// <summary>
    /// A restarted master has found several lines, and takes none. An override goes on with what that master has, and gives up what is further on its own line too, so it is right only if nobody
    /// has more; otherwise whoever has most is promoted.
    /// </summary>
    private void DecideBetweenLines(NodeStatus master)
    {
        long began = MonotonicClock.Now;
        Answer[] answers = Ask();
        if (answers.Length == 0 || (master.EntryCount > 0 && !answers.Any(answer => answer.Node == cluster.Master)))
        {
            // What the master has is to be weighed too: it is asked again.
            return;
        }

        Refusals++;
        Answer best = MostAdvanced.Of(answers, _lineage);
        if (best.Node == cluster.Master)
        {
            cluster.Log.Decided(new Decision(began, "override", best.Node, best.Place, answers));
            cluster.Nodes[best.Node].TryTell("override");
        }
        else
        {
            Promote(began, answers);
        }
    }

    /// <summary>A replica has been without its master for long, though nothing seems to be broken: because it has what the master has not, or for whatever other reason.</summary>
    private void Decide(ClusterNode node, NodeStatus status)
    {
        Refusals++;
        long began = MonotonicClock.Now;
        Answer[] answers = Ask();
        Place? own = PlaceOf(node.Number, answers);
        Place? master = PlaceOf(cluster.Master, answers);
        cluster.Log.Note($"node {node.Number} at {own} does not come to {cluster.Master} at {master}: {status.LinkState}, {status.LinkDownReason}");

        // Whoever is further on the master's own line has what a restart lost. Of two lines, people keep the one with more on it.
        if (own is { } here && master is { } there && here.Offset > there.Offset && !_lineage.IsOnLine(there.Id, here))
        {
            Promote(began, answers);
        }
        else
        {
            cluster.Upstream(node.Number, cluster.Master);
            node.TryFollow(cluster.WayOf(node.Number)!);
        }
    }

    private bool Promote(long began, Answer[] answers)
    {
        if (answers.Length == 0)
        {
            return false;
        }

        Answer best = MostAdvanced.Of(answers, _lineage);
        cluster.Log.Decided(new Decision(began, "promote", best.Node, best.Place, answers));
        if (best.Node != cluster.Master && !cluster.Nodes[best.Node].TryPromote())
        {
            return false;
        }

        Failovers++;
        Array.Clear(_aloneSince);
        cluster.ChangeMaster(best.Node);
        _masterLastSeen = best.Place;

        // Under the id that it has now, whose line the next switch-over goes by.
        Ask();
        Reconcile();
        return true;
    }
}
