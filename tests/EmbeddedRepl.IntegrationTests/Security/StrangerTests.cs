using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication.Runtime;

namespace EmbeddedRepl.IntegrationTests.Security;

public class StrangerTests
{
    private const int Waves = 10;
    private const int StrangersPerWave = 30;

    /// <summary>The largest frame before authentication with its header, and as much read ahead.</summary>
    private const int MaxBytesPerStranger = 2 * (FrameHeader.Size + FrameLimits.BeforeAuthentication);
    private const int MaxStrangers = 64;

    [Fact]
    [Trait("Behaviour", "F3")]
    public void Master_FloodedByStrangers_HoldsFewOfThemInLittleMemoryAndStillServesAReplica()
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(
            options =>
            {
                options.Password = "right";
                options.HandshakeTimeout = TimeSpan.FromSeconds(1);
            },
            log);
        master.Set("k", [1]);
        using var flood = new StrangerFlood();
        TestNode? replica = null;
        try
        {
            for (int wave = 0; wave < Waves; wave++)
            {
                flood.Connect(master.EndPoint, StrangersPerWave);
                flood.Trickle();
                AssertBounded(master);
                if (wave == Waves / 2)
                {
                    replica = TestNode.Replica(master.EndPoint, options => options.Password = "right");
                }
            }

            Assert.Equal(Waves * StrangersPerWave, flood.Count);
            replica!.WaitForStreaming();
            for (int i = 0; flood.CutOff < flood.Count; i++)
            {
                // The replica goes on streaming while strangers still trickle and wait.
                master.Set("k", [(byte)i]);
                flood.Trickle();
                AssertBounded(master);
                replica.WaitUntilEqualTo(master);
            }

            master.WaitUntil(() => master.Node.Runtime.OpenSessions == 1, () => $"only the replica is left: {master.Node.Runtime.OpenSessions}");
            Assert.Equal((1, 0), (master.Info.SyncFull, master.Info.SyncPartialOk));
            Assert.True(log.Contains("announces 2147483647 bytes, but at most 1024 are allowed"), "a huge frame is refused by its length alone");
            Assert.True(log.Contains("HandshakeTimeout"), "those who take their time are cut off");
            Assert.True(log.Contains("TooManyConnections"), "the oldest make room");
        }
        finally
        {
            replica?.Dispose();
        }
    }

    [Fact]
    [Trait("Behaviour", "F3")]
    public void Master_StrangerTricklesAWholeHandshake_IsCutOffByTheTotalTime()
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => options.HandshakeTimeout = TimeSpan.FromMilliseconds(300), log);
        using var flood = new StrangerFlood();

        flood.Connect(master.EndPoint, 2);
        while (flood.CutOff < 2)
        {
            // A byte at a time, always sooner than any limit on silence: only a limit on the whole handshake ends this.
            flood.Trickle();
            Thread.Sleep(5);
        }

        master.FlushLog();
        Assert.True(log.Contains("HandshakeTimeout"), log.Text);
    }

    private static void AssertBounded(TestNode master)
    {
        (int count, long bytes) = master.Node.Runtime.Strangers;
        Assert.InRange(count, 0, MaxStrangers);
        Assert.InRange(bytes, 0, MaxStrangers * (long)MaxBytesPerStranger);
        Assert.Equal(MaxStrangers, new ReplicatedCacheOptions().MaxPendingHandshakes);
    }
}
