namespace EmbeddedRepl.Comparison.Model;

/// <summary>
/// What the model calculates with: one figure a line, each measured by a scenario. The constants are used for what a run does not have; <see cref="CalibrationFile"/> reads a run.
/// </summary>
/// <param name="Source">Where the figures come from.</param>
/// <param name="WriteNs">Processor time of a write on a master without replicas, in nanoseconds.</param>
/// <param name="SendNs">Processor time of sending one piece of the stream to one replica, in nanoseconds; most of it is the system's.</param>
/// <param name="ApplyNs">Processor time of a replica for a write, receiving and applying, in nanoseconds.</param>
/// <param name="RecordOverhead">Bytes of stream for a write beyond its key and value.</param>
/// <param name="EntryOverhead">Memory of an entry beyond its key and value, in bytes.</param>
/// <param name="SyncEntryNs">Time of a full sync for an entry with a value of 100 B, in nanoseconds.</param>
/// <param name="FirstHopUs">From a write to its being visible on a replica, half of the writes, over loopback, in microseconds.</param>
/// <param name="HopUs">What each further node on the way adds, in microseconds.</param>
internal sealed record Calibration(
    string Source, double WriteNs, double SendNs, double ApplyNs, double RecordOverhead, double EntryOverhead, double SyncEntryNs, double FirstHopUs, double HopUs)
{
    /// <summary>Measured by <c>-- all</c> and by <c>-- fan-out full-sync</c> of this project on two cores with nothing else to do; <c>benchmarks/README.md</c> has the tables.</summary>
    public static Calibration Constants { get; } = new(
        "constants of 2026-11-27, two cores with nothing else to do",
        WriteNs: 530,
        SendNs: 15_000,
        ApplyNs: 5_000,
        RecordOverhead: 6,
        EntryOverhead: 50,
        SyncEntryNs: 450,
        FirstHopUs: 36,
        HopUs: 32);
}
