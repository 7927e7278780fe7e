using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

/// <summary>Complete handshakes between two cores; who refuses, both ends know the reason.</summary>
public sealed class HandshakeTests
{
    private readonly ManualTimeProvider _time = new();

    [Theory]
    [InlineData(null, null)]
    [InlineData("secret", "secret")]
    public void Handshake_SamePasswordOrNone_LeadsToASync(string? demanded, string? offered)
    {
        (CoreNode master, CoreNode replica) = Connect(WithPassword(demanded), WithPassword(offered));

        Assert.True(replica.Core.IsLinkUp);
        Assert.Equal(1, replica.Counters.FullSyncsCompleted);
        Assert.Equal("value", replica.GetText("key"));
        Assert.Equal(0, master.Counters.HandshakesRefused);
    }

    [Theory]
    [Trait("Behaviour", "F1")]
    [InlineData("secret", "wrong", nameof(ErrorCode.WrongPassword))]
    [InlineData("secret", "secre", nameof(ErrorCode.WrongPassword))]
    [InlineData("secret", "secrets", nameof(ErrorCode.WrongPassword))]
    [InlineData("secret", "secret\0", nameof(ErrorCode.WrongPassword))]
    [InlineData("secret", null, nameof(ErrorCode.PasswordRequired))]
    [InlineData(null, "secret", nameof(ErrorCode.PasswordNotDemanded))]
    public void Handshake_PasswordsDiffer_IsRefusedWithTheReasonOnBothEndsAndNothingIsRevealed(string? demanded, string? offered, string code)
    {
        (CoreNode master, CoreNode replica) = Connect(WithPassword(demanded), WithPassword(offered));

        AssertRefusedOnBothEnds(master, replica, code);
        string said = string.Join('\n', master.Events.Lines.Concat(replica.Events.Lines));
        Assert.DoesNotContain("secre", said, StringComparison.Ordinal);
        Assert.DoesNotContain(master.Core.Data.History.Id.ToString(), string.Join('\n', replica.Events.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Behaviour", "F10")]
    [InlineData("old")]
    [InlineData("new")]
    public void Handshake_SeveralAcceptedPasswords_EachOfThemWorks(string offered)
    {
        var accepting = new NodeSettings { AcceptedPasswords = [PasswordKey.Create("new"), PasswordKey.Create("old")] };
        (_, CoreNode replica) = Connect(accepting, new NodeSettings { MasterPassword = PasswordKey.Create(offered) });

        Assert.True(replica.Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "A19")]
    public void Handshake_OtherCacheName_IsRefusedBeforeAnyData()
    {
        (CoreNode master, CoreNode replica) = Connect(new NodeSettings { CacheName = "a" }, new NodeSettings { CacheName = "A" });

        AssertRefusedOnBothEnds(master, replica, nameof(ErrorCode.WrongCacheName));
    }

    [Theory]
    [Trait("Behaviour", "A19")]
    [InlineData(99, 1_000)]
    [InlineData(100, 999)]
    public void Handshake_ReplicaTakesLessThanItsMaster_IsRefused(int maxKey, int maxValue)
    {
        (CoreNode master, CoreNode replica) = Connect(
            new NodeSettings { MaxKeySize = 100, MaxValueSize = 1_000 }, new NodeSettings { MaxKeySize = maxKey, MaxValueSize = maxValue });

        AssertRefusedOnBothEnds(master, replica, nameof(ErrorCode.LimitsDoNotFit));
    }

    [Theory]
    [InlineData(100, 1_000)]
    [InlineData(101, 1_001)]
    public void Handshake_ReplicaTakesAsMuchAsItsMasterOrMore_Works(int maxKey, int maxValue)
    {
        (_, CoreNode replica) = Connect(
            new NodeSettings { MaxKeySize = 100, MaxValueSize = 1_000 }, new NodeSettings { MaxKeySize = maxKey, MaxValueSize = maxValue });

        Assert.True(replica.Core.IsLinkUp);
    }

    [Fact]
    [Trait("Behaviour", "A14")]
    public void Handshake_WithItself_IsRefusedAndTheDataUntouched()
    {
        CoreNode node = CoreNode.Master(_time);
        node.Set("key", "value");
        UInt128 digest = node.Digest.Sum;
        node.Follow(isOrdered: true);
        new CorePair(node, node).Pump();

        Assert.Equal(1, node.Counters.HandshakesRefused);
        Assert.Contains(nameof(ErrorCode.Cycle), node.Core.Upstream!.DownReason, StringComparison.Ordinal);
        Assert.Equal(digest, node.Digest.Sum);
    }

    [Fact]
    [Trait("Behaviour", "A14")]
    public void Handshake_WithItsOwnReplica_IsRefusedAndTheDataUntouched()
    {
        (CoreNode master, CoreNode replica) = Connect(new NodeSettings(), new NodeSettings());
        master.Follow(isOrdered: true);
        new CorePair(replica, master).Pump();

        Assert.Equal(1, replica.Counters.HandshakesRefused);
        Assert.Contains(nameof(ErrorCode.Cycle), master.Core.Upstream!.DownReason, StringComparison.Ordinal);
        Assert.Equal("value", master.GetText("key"));
    }

    [Fact]
    [Trait("Behaviour", "F4")]
    public void Accept_ProtectedModeAndAPeerFromElsewhere_IsRefusedAndToldWhatToSet()
    {
        CoreNode master = CoreNode.Master(_time);
        var stranger = new ScriptedReplica(master, isLoopback: false);

        ErrorFrame error = stranger.TakeOne<ErrorFrame>();
        Assert.Equal(ErrorCode.ProtectedMode, error.Code);
        Assert.Contains("Password", error.Message, StringComparison.Ordinal);
        Assert.Empty(master.Core.Sessions);
    }

    [Theory]
    [Trait("Behaviour", "F4")]
    [InlineData(false, null)]
    [InlineData(true, "secret")]
    public void Accept_PeerFromElsewhereAndNotProtectedOrWithAPassword_IsHeard(bool isProtected, string? password)
    {
        CoreNode master = CoreNode.Master(_time, WithPassword(password) with { ProtectedMode = isProtected });

        Assert.False(new ScriptedReplica(master, isLoopback: false).Session.IsClosed);
    }

    [Theory]
    [InlineData(2, Capabilities.None, ErrorCode.UnsupportedVersion)]
    [InlineData(0, Capabilities.None, ErrorCode.UnsupportedVersion)]
    [InlineData(1, (Capabilities)(1UL << 40), ErrorCode.MissingCapability)]
    internal void Hello_OtherMajorVersionOrMissingCapability_IsRefusedByBothEnds(int major, Capabilities required, ErrorCode code)
    {
        var hello = new HelloFrame(major, 0, required, required, new byte[ProtocolLimits.NonceSize]);
        var atMaster = new ScriptedReplica(CoreNode.Master(_time));
        atMaster.Give(hello);
        Assert.Equal(code, atMaster.TakeOne<ErrorFrame>().Code);

        CoreNode replica = CoreNode.Replica(_time);
        var atReplica = new ScriptedMaster(replica);
        atReplica.Take();
        atReplica.Give(new HelloReplyFrame(hello, DemandsPassword: false));
        Assert.Equal(code, atReplica.TakeOne<ErrorFrame>().Code);
        Assert.Equal(CloseReason.HandshakeRefused, atReplica.Link.ClosedFor);
    }

    [Fact]
    public void Hello_HigherMinorVersionAndUnknownOffers_AreAccepted()
    {
        var replica = new ScriptedReplica(CoreNode.Master(_time));
        replica.Give(new HelloFrame(1, 9, (Capabilities)(1UL << 60), Capabilities.None, new byte[ProtocolLimits.NonceSize]));

        Assert.Equal(FrameType.HelloReply, Assert.Single(replica.Take()).Type);
    }

    private static NodeSettings WithPassword(string? password) => password is null
        ? new NodeSettings()
        : new NodeSettings { AcceptedPasswords = [PasswordKey.Create(password)], MasterPassword = PasswordKey.Create(password) };

    private static void AssertRefusedOnBothEnds(CoreNode master, CoreNode replica, string code)
    {
        Assert.Equal(1, master.Counters.HandshakesRefused);
        Assert.Contains(master.Events.Lines, line => line.StartsWith($"HandshakeRefused ", StringComparison.Ordinal) && line.Contains(code, StringComparison.Ordinal));
        Assert.Empty(master.Core.Sessions);
        Assert.Contains(replica.Events.Lines, line => line.Contains("LinkDown", StringComparison.Ordinal) && line.Contains(nameof(CloseReason.HandshakeRefused), StringComparison.Ordinal));
        Assert.False(replica.Core.IsReady);
        Assert.Equal(0, replica.Core.Data.Store.Count);
        Assert.Equal(0, master.Counters.SyncFull);
    }

    private (CoreNode Master, CoreNode Replica) Connect(NodeSettings masterSettings, NodeSettings replicaSettings)
    {
        CoreNode master = CoreNode.Master(_time, masterSettings);
        CoreNode replica = CoreNode.Replica(_time, replicaSettings);
        master.Set("key", "value");
        new CorePair(master, replica) { PieceSize = 7 }.Pump();
        return (master, replica);
    }
}
