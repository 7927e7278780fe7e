using EmbeddedRepl.FaultRun.Cluster;

namespace EmbeddedRepl.FaultRun.Faults;

/// <summary>Draws what happens next. A kind that is not possible at the moment is drawn anew.</summary>
internal sealed class FaultDrawer
{
    private const int Attempts = 50;

    private readonly Random _random;
    private readonly (int Weight, Func<Fault?> Draw)[] _kinds;
    private readonly int _weights;

    public FaultDrawer(FaultCluster cluster, Operator people, Random random)
    {
        _random = random;
        var processes = new ProcessFaults(cluster, random);
        var ways = new WayFaults(cluster, random);
        var roles = new RoleFaults(cluster, people, random);
        _kinds =
        [
            (12, processes.KillReplica),
            (8, processes.KillMaster),
            (5, processes.KillAndDeleteFile),
            (5, processes.KillAndDamageFile),
            (4, processes.KillAll),
            (4, processes.KillMasterAndReplica),
            (5, processes.StopInOrder),
            (10, processes.Freeze),
            (5, processes.FillDisk),
            (8, ways.SilenceBothWays),
            (8, ways.SilenceOneWay),
            (6, ways.StallProxy),
            (6, ways.SlowProxy),
            (6, ways.CorruptProxy),
            (6, ways.CutProxy),
            (8, roles.FailOverFromTheDead),
            (5, roles.FailOverFromTheSilent),
            (4, roles.SwitchOver),
            (7, roles.MoveBelow),
        ];
        _weights = _kinds.Sum(kind => kind.Weight);
    }

    public Fault? Next()
    {
        for (int i = 0; i < Attempts; i++)
        {
            int at = _random.Next(_weights);
            foreach ((int weight, Func<Fault?> draw) in _kinds)
            {
                at -= weight;
                if (at < 0)
                {
                    if (draw() is { } fault)
                    {
                        return fault;
                    }

                    break;
                }
            }
        }

        return null;
    }
}
