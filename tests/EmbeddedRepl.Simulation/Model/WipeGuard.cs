using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Nodes;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>
/// P8: no wipe by an empty master. Knows what people have decided, and nothing of the reasons that nodes give: as long as nobody has decided anything, no node that has entries takes over
/// the data set of another origin.
/// </summary>
internal sealed class WipeGuard
{
    /// <summary>Whether anybody has ordered a node to follow another one, promoted one, or overridden refusals.</summary>
    public bool HasAnybodyDecided { get; private set; }

    public void Decided() => HasAnybodyDecided = true;

    /// <summary>A node has taken over another data set.</summary>
    public void CheckSwap(SimulatedProcess process, HistoryModel? before, long entriesBefore, HistoryModel after)
    {
        if (!HasAnybodyDecided && before is not null && entriesBefore > 0 && before.Origin != after.Origin)
        {
            throw new SimulationFailedException(
                $"P8: {process.Name} had {entriesBefore} entries of {before.Origin.Id} and has now taken over {after.Id} of {after.Origin.Id}, and nobody decided that.");
        }
    }
}
