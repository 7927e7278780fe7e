using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Simulation.Scenario;

/// <summary>The disk of a node, which outlives its processes, and how often they save to it.</summary>
internal sealed class SimulatedDisk(SeededRandom random)
{
    public SeededRandom Random { get; } = random;

    public MemorySnapshotDisk Disk { get; private set; } = new();

    /// <summary>The mean time between two saves, in microseconds.</summary>
    public long Pause { get; set; } = random.Scaled(200_000, 5_000_000);

    /// <summary>How long each piece takes to be written besides, at most, in microseconds.</summary>
    public long Slowness { get; set; }

    /// <summary>The machine goes down, too: what was not flushed may be lost.</summary>
    public void Crash() => Disk.Crash(new Random((int)Random.NextUInt64()));

    /// <summary>After a few more operations nothing is written any more: the moment at which the machine really dies.</summary>
    public void FailSoon() => Disk.FailsFrom = Disk.Operations + Random.Next(60);

    /// <summary>Whether there is a snapshot file on it.</summary>
    public bool HasFile => Disk.Names.Contains("data.snapshot");

    /// <summary>Whether there is anything else on it, which a save has left behind.</summary>
    public bool HasLeftover => Disk.Names.Any(name => name != "data.snapshot");

    /// <summary>So many more bytes and it is full.</summary>
    public void Fill(long bytes) => Disk.Capacity = Disk.Names.Sum(name => (long)Disk.SizeOf(name)) + bytes;

    /// <summary>It works again, and has room.</summary>
    public void Mend()
    {
        Disk.FailsFrom = int.MaxValue;
        Disk.Capacity = long.MaxValue;
    }

    /// <summary>The node comes up elsewhere, without it.</summary>
    public void Lose() => Disk = new MemorySnapshotDisk();
}
