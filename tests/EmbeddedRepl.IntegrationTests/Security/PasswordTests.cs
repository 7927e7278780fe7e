using System.Text;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.IntegrationTests.Security;

public class PasswordTests
{
    [Theory]
    [Trait("Behaviour", "F1")]
    [InlineData("right", "wrong", "WrongPassword", "The password is wrong")]
    [InlineData("right", null, "PasswordRequired", "The master demands a password. Set MasterPassword")]
    [InlineData(null, "right", "PasswordNotDemanded", "The master demands no password")]
    public void Replica_PasswordsDoNotMatch_IsRefusedWithAReasonOnBothEnds(string? masters, string? replicas, string code, string reason)
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => options.Password = masters, log);
        master.Set("secret", [1, 2, 3]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options => options.MasterPassword = replicas);

        replica.WaitFor(info => info.LinkDownReason?.Contains(reason, StringComparison.Ordinal) == true, $"the replica says '{reason}'");

        master.WaitUntil(() => log.Contains("Warning 1111", code), () => $"the master says {code}: {log.Text}");
        Assert.False(replica.Info.IsReady);
        Assert.Equal(0, replica.Info.EntryCount);
        Assert.Equal((0, 0, 0), (master.Info.SyncFull, master.Info.SyncPartialOk, master.Info.SyncPartialErr));
        Assert.Empty(master.Info.Replicas);
    }

    [Fact]
    [Trait("Behaviour", "F1")]
    public void Stranger_WrongProof_LearnsNothingButTheVersionAndTheRefusal()
    {
        using TestNode master = TestNode.Master(options =>
        {
            options.Password = "the right password";
            options.CacheName = "inventory-42";
        });
        master.Set("secret key", Encoding.UTF8.GetBytes("secret value"));
        using RawPeer peer = RawPeer.Connect(master.EndPoint);

        peer.Send(new HelloFrame(ProtocolVersion.Major, ProtocolVersion.Minor, Capabilities.None, Capabilities.None, new byte[32]));
        HelloReplyFrame reply = peer.Expect<HelloReplyFrame>();
        peer.Send(new AuthenticateFrame(new byte[PasswordProof.Size]));
        ErrorFrame error = peer.Expect<ErrorFrame>();

        Assert.True(reply.DemandsPassword);
        Assert.Equal(ErrorCode.WrongPassword, error.Code);
        Assert.Null(peer.ReadFrame());
        ReplicationInfo info = master.Info;
        string bytes = Convert.ToHexString([.. peer.ReceivedBytes]);
        foreach (string secret in new[] { "the right password", "inventory-42", "secret key", "secret value" })
        {
            Assert.DoesNotContain(Convert.ToHexString(Encoding.UTF8.GetBytes(secret)), bytes, StringComparison.Ordinal);
        }

        foreach (string secret in new[] { info.RunId, info.ReplicationId.ToString(), info.Digest })
        {
            Assert.DoesNotContain(secret, bytes, StringComparison.OrdinalIgnoreCase);
        }

        Assert.DoesNotContain("right password", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Behaviour", "F1")]
    public void Replica_FakeMasterThatAcceptsEveryProof_IsNotFollowed()
    {
        using var sentIdentity = new ManualResetEventSlim();
        using var listener = new TestListener(connection =>
        {
            using var peer = new RawPeer(connection);
            HelloFrame hello = peer.Expect<HelloFrame>();
            peer.Send(new HelloReplyFrame(hello with { Nonce = new byte[32] }, DemandsPassword: true));
            peer.Expect<AuthenticateFrame>();
            peer.Send(new AuthenticatedFrame(new byte[PasswordProof.Size]));
            if (peer.ReadFrame() is { Type: FrameType.Identify })
            {
                sentIdentity.Set();
            }
        });
        using TestNode replica = TestNode.Replica(listener.EndPoint.ToString(), options => options.MasterPassword = "right");

        replica.WaitFor(
            info => info.LinkDownReason?.Contains("could not prove that it knows the password", StringComparison.Ordinal) == true, "the fake is found out");

        Assert.False(sentIdentity.IsSet);
        Assert.False(replica.Info.IsReady);
    }

    [Theory]
    [Trait("Behaviour", "F2")]
    [InlineData(1, "letters")]
    [InlineData(2, "controls")]
    [InlineData(63, "controls")]
    [InlineData(64, "letters")]
    [InlineData(65, "umlauts")]
    [InlineData(129, "emoji")]
    [InlineData(300, "lone surrogates")]
    [InlineData(511, "mixed")]
    [InlineData(512, "mixed")]
    public void Password_OfAnyCharactersAndLength_WorksAndItsPrefixAndExtensionDoNot(int size, string alphabet)
    {
        string password = MakePassword(size, alphabet);
        string prefix = password.Length > 1 ? password[..^1] : "b";
        string extended = size < PasswordKey.MaxPasswordSize ? password + "\0" : password[1..];
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => options.Password = password, log);
        master.Set("k", [7]);
        using TestNode replica = TestNode.Replica(master.EndPoint, options => options.MasterPassword = password);
        using TestNode shorter = TestNode.Replica(master.EndPoint, options => options.MasterPassword = prefix);
        using TestNode longer = TestNode.Replica(master.EndPoint, options => options.MasterPassword = extended);

        replica.WaitForStreaming().WaitUntilEqualTo(master);
        foreach (TestNode refused in new[] { shorter, longer })
        {
            refused.WaitFor(info => info.LinkDownReason?.Contains("The password is wrong", StringComparison.Ordinal) == true, "it is refused");
            Assert.False(refused.Info.IsReady);
        }

        Assert.Equal(1, master.Info.SyncFull);
    }

    private static string MakePassword(int size, string alphabet)
    {
        string[] characters = alphabet switch
        {
            "controls" => ["\0", "\u0001", "\u007f", " ", "\t", "\r", "\n", "\"", "'", "\\", ";", ":", "=", "%"],
            "umlauts" => ["ä"],
            "emoji" => ["😀"],
            "lone surrogates" => ["\ud800", "x", "\udfff", "y"],
            "mixed" => ["a", "ä", "\uffff", "😀", "\0", "\ud83d", "z"],
            _ => ["a"],
        };
        var password = new StringBuilder();
        int used = 0;
        for (int i = 0; used < size; i++)
        {
            string next = characters[i % characters.Length];
            if (used + SizeOf(next) > size)
            {
                next = "z";
            }

            password.Append(next);
            used += SizeOf(next);
        }

        return password.ToString();
    }

    private static int SizeOf(string character) => character is [>= '\ud800' and <= '\udfff'] ? 3 : Encoding.UTF8.GetByteCount(character);
}
