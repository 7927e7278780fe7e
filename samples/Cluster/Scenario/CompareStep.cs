using EmbeddedRepl.Samples.Cluster.Nodes;
using EmbeddedRepl.Samples.Cluster.Traffic;

namespace EmbeddedRepl.Samples.Cluster.Scenario;

/// <summary>The traffic stops; are the four nodes equal, and is everything there that was written?</summary>
internal sealed class CompareStep : IStep
{
    private const int SampleSize = 250;

    // The greeting of an earlier step.
    private const int KeysBesidesItems = 1;

    /// <inheritdoc/>
    public string Title => "The traffic stops and the four nodes are compared";

    /// <inheritdoc/>
    public async Task RunAsync(Demo demo, CancellationToken cancellationToken)
    {
        await demo.Traffic.StopAsync();
        TrafficTotals totals = demo.Traffic.Totals;
        demo.Tell($"stopped after {totals.Writes:N0} writes and {totals.Reads:N0} reads");
        demo.Checks.That(
            "every value read was written, none went back in time",
            totals.WrongAnswers == 0,
            $"{totals.WrongAnswers} of {totals.Reads:N0} wrong");
        demo.Checks.That(
            "no request failed",
            totals.Failures == 0,
            $"{totals.Failures} failed, {totals.Interrupted} cut off by the kill");
        foreach (string example in totals.Examples)
        {
            demo.Tell(example);
        }

        int expected = demo.Traffic.Ledger.Count + KeysBesidesItems;
        demo.Tell($"waiting for entries with a time to live ({Visits.TimeToLive.TotalSeconds:N0} s) to expire everywhere");
        NodeReport?[] reports = await demo.WaitUntilAsync(
            "all nodes arrive at the same offset, when everything due has expired",
            reports => reports[0] is { } master
                && master.EntryCount == expected
                && reports.All(report => report is { LagBytes: 0 } && report.ReplicationOffset == master.ReplicationOffset),
            cancellationToken);
        Show(demo, reports);
        Compare(demo.Checks, reports);
        await CompareSampleAsync(demo, cancellationToken);
    }

    private static void Show(Demo demo, NodeReport?[] reports)
    {
        foreach ((Node node, NodeReport? report) in demo.Nodes.All.Zip(reports))
        {
            demo.Say($"{node.Name,-9}  offset {report!.ReplicationOffset:N0}  {report.EntryCount:N0} entries  {report.Digest}");
        }
    }

    private static void Compare(Checks checks, NodeReport?[] reports)
    {
        NodeReport master = reports[0]!;
        checks.That(
            "same replication id, same offset, no lag",
            reports.All(report => report!.ReplicationId == master.ReplicationId
                && report.ReplicationOffset == master.ReplicationOffset
                && report.LagBytes == 0),
            $"offset {master.ReplicationOffset:N0}");
        checks.That(
            "same number of entries, expired ones gone",
            reports.All(report => report!.EntryCount == master.EntryCount),
            $"{master.EntryCount:N0} entries");
        checks.That(
            "same digest of keys, values and deadlines",
            reports.All(report => report!.Digest == master.Digest),
            $"{reports.Select(report => report!.Digest).Distinct().Count()} digest on {reports.Length} nodes");
        checks.That(
            "no replica found itself different on the way",
            reports.All(report => report!.DigestMismatches == 0),
            $"{reports.Sum(report => report!.DigestMismatches)} digest mismatches");
    }

    private static async Task CompareSampleAsync(Demo demo, CancellationToken cancellationToken)
    {
        Ledger ledger = demo.Traffic.Ledger;
        int[] sample = [.. Enumerable.Range(0, ledger.Count)];
        Random.Shared.Shuffle(sample);
        int[] wrong = await Task.WhenAll(demo.Nodes.All.Select(async node =>
        {
            int differing = 0;
            foreach (int number in sample.Take(SampleSize))
            {
                byte[]? value = await node.GetEntryAsync(Ledger.KeyOf(number), cancellationToken);
                differing += IsLastWrite(ledger, number, value) ? 0 : 1;
            }

            return differing;
        }));
        demo.Checks.That(
            "every node has the last write of each key",
            wrong.All(count => count == 0),
            $"{wrong.Sum()} of {SampleSize * wrong.Length:N0} reads wrong");
    }

    // A write that failed may or may not have happened, so either is right then.
    private static bool IsLastWrite(Ledger ledger, int number, byte[]? value) =>
        value is not null
        && Payload.TryRead(Ledger.KeyOf(number), value, out long sequence)
        && sequence >= ledger.NewestConfirmed(number)
        && sequence <= ledger.NewestBegun(number);
}
