using EmbeddedRepl.Protocol;
using EmbeddedRepl.Simulation.Engine;
using EmbeddedRepl.Simulation.Model;
using EmbeddedRepl.Simulation.Nodes;
using EmbeddedRepl.Simulation.Scenario;

namespace EmbeddedRepl.Tests.Simulation;

/// <summary>The checks of the simulation notice what they are there for: each is shown something that must never happen.</summary>
public class CheckerTests
{
    [Fact]
    public void ValueOrigins_ValueOfADiscardedLine_IsP7()
    {
        Cluster cluster = Promoted(out SimulatedNode old, out SimulatedNode heir);
        cluster.Set(old, "lost", Bytes(20, 7));
        HistoryModel line = LineOf(cluster, heir);

        cluster.Origins.CheckRead("old", LineOf(cluster, old), old.Data().Offset, Bytes(20, 7));
        var failure = Assert.Throws<SimulationFailedException>(() => cluster.Origins.CheckRead("heir", line, line.End, Bytes(20, 7)));
        Assert.StartsWith("P7", failure.Message, StringComparison.Ordinal);
        Assert.Throws<SimulationFailedException>(() => cluster.Origins.CheckRead("heir", line, line.End, Bytes(20, 8)));
    }

    [Fact]
    public void WipeGuard_DataOfAnotherOriginAndNobodyDecided_IsP8()
    {
        Cluster cluster = Clusters.New();
        SimulatedNode full = cluster.Add("full", Clusters.Settings).Start();
        SimulatedNode empty = cluster.Add("empty", Clusters.Settings).Start();
        cluster.Set(full, "key", Bytes(20, 1));
        void Swap() => cluster.Wipes.CheckSwap(full.Process!, LineOf(cluster, full), 1, LineOf(cluster, empty));

        Assert.StartsWith("P8", Assert.Throws<SimulationFailedException>(Swap).Message, StringComparison.Ordinal);
        cluster.Wipes.Decided();
        Swap();
    }

    [Fact]
    public void LastRemoval_RemovedClearedAndSetAgain_IsTheLastOneUpToTheOffset()
    {
        Cluster cluster = Promoted(out SimulatedNode old, out SimulatedNode heir);
        cluster.Set(heir, "key", Bytes(20, 1));
        HistoryModel line = LineOf(cluster, heir);
        Assert.Equal(-1, line.LastRemoval("key", line.End));
        cluster.Remove(heir, "key");
        long removed = line.End;
        cluster.Set(heir, "key", Bytes(20, 2));
        cluster.Clear(heir);

        Assert.Equal(-1, line.LastRemoval("key", removed - 1));
        Assert.Equal(removed, line.LastRemoval("key", line.End - 1));
        Assert.Equal(line.End, line.LastRemoval("never", line.End));
        Assert.Equal(-1, LineOf(cluster, old).LastRemoval("key", long.MaxValue));
    }

    [Fact]
    public void Comparisons_AppliedToAnotherVersionOrAfterADenial_AreP3()
    {
        Cluster cluster = Clusters.New();
        SimulatedNode node = cluster.Add("node", Clusters.Settings).Start();
        cluster.Set(node, "key", Bytes(20, 1));
        EntryVersion version = node.Data().Store.VersionOf(node.Data().Store.MakeKey("key"u8));
        Comparison stale = cluster.Comparisons.Add("key", version, Bytes(20, 1), isRemoval: false);
        Comparison denied = cluster.Comparisons.Add("key", version, Bytes(20, 1), isRemoval: false);
        ComparisonLedger.NothingWritten(denied);

        // A master that does not compare, and one that applies what it has denied.
        Assert.Throws<SimulationFailedException>(() => cluster.Set(node, "key", ComparisonLedger.Value(denied, 20)));
        Assert.Throws<SimulationFailedException>(() => cluster.Set(node, "key", ComparisonLedger.Value(stale, 20)));
        Assert.Throws<SimulationFailedException>(() => cluster.Comparisons.Succeeded(stale, node.Data().History.Id, node.Data().Offset));
    }

    [Fact]
    public void MemoryBounds_MoreStreamThanTheLimits_IsP9()
    {
        Cluster cluster = Clusters.New();
        SimulatedNode node = cluster.Add("node", Clusters.Settings with { BacklogSize = 0, ReplicaOutputLimit = 0 }).Start();

        // A log that keeps more than its node was told to.
        node.Data().Log.Resize(10 << 20);
        var failure = Assert.Throws<SimulationFailedException>(() => cluster.Fill(node, "key", 40, size: 20_000));

        Assert.StartsWith("P9", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NewerFrames_ControlFrame_IsReadAsBefore()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        FrameWriter.Write(output, new AckFrame(4711, 1, 2, 3));
        FrameWriter.WriteStreamChunk(output, 5, new System.Buffers.ReadOnlySequence<byte>(Bytes(10, 1)));
        byte[] newer = NewerFrames.Append(output.WrittenSpan.ToArray());
        var buffer = new System.Buffers.ReadOnlySequence<byte>(newer);

        Assert.NotEqual(output.WrittenCount, newer.Length);
        Assert.True(FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out System.Buffers.ReadOnlySequence<byte> payload));
        Assert.Equal(FrameType.Ack, type);
        Assert.Equal(4711, FramePayload.Read<AckFrame>(payload).AppliedOffset);
        Assert.True(FrameReader.TryRead(ref buffer, FrameLimits.Data, out type, out payload));
        Assert.Equal(FrameType.StreamChunk, type);
        Assert.Equal(18, payload.Length);
    }

    private static Cluster Promoted(out SimulatedNode old, out SimulatedNode heir)
    {
        Cluster cluster = Clusters.New();
        SimulatedNode master = old = cluster.Add("old", Clusters.Settings).Start();
        SimulatedNode replica = heir = cluster.Add("heir", Clusters.Settings, "old").Start();
        cluster.Set(old, "first", Bytes(20, 3));
        cluster.RunUntil(() => Cluster.IsEqual(replica, master), "the replica has everything");
        heir.Promote(force: false);
        return cluster;
    }

    private static HistoryModel LineOf(Cluster cluster, SimulatedNode node) => cluster.Model[node.Data().History.Id];

    private static byte[] Bytes(int size, byte content)
    {
        byte[] bytes = new byte[size];
        bytes.AsSpan().Fill(content);
        return bytes;
    }
}
