using System.Globalization;

namespace EmbeddedRepl.Comparison.Model;

/// <summary>Prints what clusters cost that do not fit on this machine.</summary>
internal static class ModelCommand
{
    public const string Verb = "model";

    private const long Entries = 10_000_000;
    private const double BytesPerDay = 100e9;
    private static readonly double[] Peaks = [1, 5];
    private static readonly int[] Sizes = [50, 500];
    private static readonly int[] ValueSizes = [100, 1_000, 10_000];
    private static readonly int[] FanOuts = [8, 25];

    /// <param name="args"><c>--json FILE</c> for the figures of a run; without it the constants.</param>
    /// <exception cref="ArgumentException">The arguments make no sense, or the file is none of a run.</exception>
    public static int Run(string[] args)
    {
        Calibration calibration = args switch
        {
            [] => Calibration.Constants,
            ["--json", string file] => CalibrationFile.Read(file),
            _ => throw new ArgumentException("model [--json FILE]"),
        };
        Machine machine = Machine.Usual;
        var model = new CostModel(calibration, machine);
        Print($"Calibration: {calibration.Source}.");
        Print($"  write {calibration.WriteNs:n0} ns, piece sent to a replica {calibration.SendNs:n0} ns, write applied {calibration.ApplyNs:n0} ns, record {calibration.RecordOverhead:n0} B and entry {calibration.EntryOverhead:n0} B beyond key and value,");
        Print($"  full sync {calibration.SyncEntryNs:n0} ns an entry, visible after {calibration.FirstHopUs:n0} µs and {calibration.HopUs:n0} µs for each further node on the way (loopback).");
        Print($"A node: {machine.Cores:n0} core for the cache, {machine.NetworkBytes / 1e6:n0} MB/s of network, {machine.MemoryBytes / (1 << 30):n0} GiB, {machine.ConcurrentFullSyncs} full syncs at a time, at most {machine.MaxReplicas} replicas, {machine.RestartSeconds / 60:n0} minutes for a restart of all.");
        foreach (int valueSize in ValueSizes)
        {
            foreach (double peak in Peaks)
            {
                PrintLoad(model, machine, new Workload(Entries, valueSize, BytesPerDay, peak));
            }
        }

        PrintWhatThen();
        return 0;
    }

    private static void PrintLoad(CostModel model, Machine machine, Workload load)
    {
        double memory = model.Memory(load);
        Print($"\n{load.Entries / 1e6:n0} M entries of {load.ValueSize:n0} B, {load.BytesPerDay / 1e9:n0} GB/day, {(load.Peak > 1 ? $"{load.Peak:n0} times the average" : "evenly")}: {load.WritesPerSecond:n0} writes/s; memory {memory / (1 << 30):n1} GiB a node{(memory > machine.MemoryBytes ? " (TOO MUCH)" : "")}, one full sync {model.FullSync(load):n0} s");
        Print($"  {"nodes",5} {"",-11} {"depth",5} {"master, cores",13} {"middle, cores",13} {"leaf, cores",11} {"master sends",13} {"all restarted",13} {"visible, p50",12}");
        foreach (int nodes in Sizes)
        {
            foreach (Tree tree in (Tree[])[Tree.Star(nodes), .. FanOuts.Select(fanOut => new Tree(nodes, fanOut))])
            {
                string middle = tree.IsStar ? "-" : Number(model.MiddleCores(load, tree));
                Print($"  {nodes,5} {tree,-11} {tree.Depth,5} {Number(model.MasterCores(load, tree)),13} {middle,13} {Number(model.LeafCores(load)),11} {model.MasterBytes(load, tree) / 1e6,8:n0} MB/s {model.Restart(load, tree),11:n0} s {model.LagUs(tree),9:n0} µs");
            }
        }

        Print($"  direct replicas until something has run out: {string.Join(", ", DesignEnd.Of(model, machine, load).Select(end => string.Create(CultureInfo.InvariantCulture, $"{end.Resource} {end.Replicas:n0}")))}");
    }

    private static void PrintWhatThen() => Print("""

        Where it ends. Below one master, the resource named first. Then: a tree; each node of it costs its own replicas only, so any number of nodes fits below a fan-out that fits, for some
        microseconds more a level. A tree does not help where every node runs out at once, because every node holds everything and applies every write: memory (10 M entries of 10 kB), or a leaf that
        needs more than its core. Then the data does not belong into every instance: an external Redis or Valkey, and in the instances what is read most (MemoryLimit).
        """);

    private static string Number(double value) => value.ToString(value < 0.1 ? "0.000" : "0.00", CultureInfo.InvariantCulture);

    private static void Print(string line) => Console.WriteLine(line);
}
