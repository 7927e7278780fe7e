using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication;

public sealed class HandshakePasswordTests
{
    private readonly CoreNode _node = CoreNode.Master(new ManualTimeProvider());

    [Fact]
    [Trait("Behaviour", "F2")]
    public void Password_OfEveryLengthAndAnyBytes_WorksAndItsPrefixDoesNot()
    {
        for (int length = 1; length <= PasswordKey.MaxPasswordSize; length++)
        {
            string password = string.Create(length, length, static (text, seed) =>
            {
                for (int i = 0; i < text.Length; i++)
                {
                    text[i] = (char)(((i * 37) + seed) % 128);
                }
            });

            Assert.True(Works(password, password), $"length {length}");
            if (length > 1)
            {
                Assert.False(Works(password, password[..^1]), $"prefix of length {length}");
            }
        }
    }

    [Theory]
    [Trait("Behaviour", "F2")]
    [InlineData("pässwörd")]
    [InlineData("\ud83d\ude00")]
    [InlineData("\ud800")]
    [InlineData("a\udfffb")]
    public void Password_OfAnyCharacters_WorksAndAnotherDoesNot(string password)
    {
        Assert.True(Works(password, password));
        Assert.False(Works(password, password + "\0"));
        Assert.False(Works(password, "\ufffd"));
    }

    [Fact]
    [Trait("Behaviour", "F9")]
    public void Authenticate_ReplayedFromAnEarlierConnection_IsRefused()
    {
        CoreNode master = MasterWithPassword(out NodeSettings settings);
        var first = new ScriptedReplica(master);
        var handshake = new ReplicaHandshake(settings, CoreNode.RunIdOf(9), new SeededNodeRandom(9), null, 0);
        var output = new ArrayBufferWriter<byte>();
        handshake.Start(output);
        byte[] hello = output.WrittenSpan.ToArray();
        first.GiveBytes(hello);
        SentFrame reply = Assert.Single(first.Take());
        output.ResetWrittenCount();
        handshake.Receive(reply.Type, new ReadOnlySequence<byte>(reply.Payload), output);
        byte[] authenticate = output.WrittenSpan.ToArray();
        first.GiveBytes(authenticate);
        Assert.True(first.Session.IsAuthenticated);

        var replayed = new ScriptedReplica(master);
        replayed.GiveBytes(hello);
        replayed.Take();
        replayed.GiveBytes(authenticate);

        Assert.False(replayed.Session.IsAuthenticated);
        Assert.Equal(ErrorCode.WrongPassword, replayed.TakeOne<ErrorFrame>().Code);
    }

    [Fact]
    [Trait("Behaviour", "F9")]
    public void Authenticated_TheReplicasOwnProofSentBack_IsRefused()
    {
        MasterWithPassword(out NodeSettings settings);
        CoreNode replica = CoreNode.Replica(new ManualTimeProvider(), settings);
        var impostor = new ScriptedMaster(replica);
        impostor.Take();
        impostor.Give(new HelloReplyFrame(HandshakeRules.MakeHello(new NodeSettings(), new byte[ProtocolLimits.NonceSize]), DemandsPassword: true));
        AuthenticateFrame proof = impostor.TakeOne<AuthenticateFrame>();
        impostor.Give(new AuthenticatedFrame(proof.Proof));

        Assert.Equal(ErrorCode.WrongPassword, impostor.TakeOne<ErrorFrame>().Code);
        Assert.Equal(CloseReason.HandshakeRefused, impostor.Link.ClosedFor);
    }

    [Fact]
    [Trait("Behaviour", "F9")]
    public void HelloReply_WithTheReplicasOwnNonce_IsRefused()
    {
        CoreNode replica = CoreNode.Replica(new ManualTimeProvider());
        var mirror = new ScriptedMaster(replica);
        HelloFrame hello = mirror.TakeOne<HelloFrame>();
        mirror.Give(new HelloReplyFrame(hello, DemandsPassword: false));

        Assert.Equal(FrameType.Error, Assert.Single(mirror.Take()).Type);
        Assert.True(mirror.Link.IsClosed);
    }

    [Fact]
    [Trait("Behaviour", "F1")]
    public void Authenticated_MasterThatProvesNothing_IsNotFollowed()
    {
        MasterWithPassword(out NodeSettings settings);
        CoreNode replica = CoreNode.Replica(new ManualTimeProvider(), settings);
        var impostor = new ScriptedMaster(replica);
        impostor.Take();
        impostor.Give(new HelloReplyFrame(HandshakeRules.MakeHello(new NodeSettings(), new byte[ProtocolLimits.NonceSize]), DemandsPassword: true));
        impostor.Take();
        impostor.Give(new AuthenticatedFrame(Array.Empty<byte>()));

        Assert.Equal(ErrorCode.WrongPassword, impostor.TakeOne<ErrorFrame>().Code);
    }

    [Theory]
    [Trait("Behaviour", "F1")]
    [InlineData(0, ErrorCode.PasswordRequired)]
    [InlineData(PasswordProof.Size, ErrorCode.WrongPassword)]
    internal void Authenticate_WithoutAProofOrWithAWrongOne_IsRefusedByTheMasterAndProvesNothingInReturn(int size, ErrorCode code)
    {
        // The replica would notice by itself: the master must not depend on that.
        var stranger = new ScriptedReplica(MasterWithPassword(out _));
        stranger.Give(Hellos.Hello());
        stranger.TakeOne<HelloReplyFrame>();
        stranger.Give(new AuthenticateFrame(new byte[size]));

        Assert.Equal(code, stranger.TakeOne<ErrorFrame>().Code);
        Assert.False(stranger.Session.IsAuthenticated);
        Assert.Equal(CloseReason.HandshakeRefused, stranger.Session.ClosedFor);
    }

    private static CoreNode MasterWithPassword(out NodeSettings settings)
    {
        settings = new NodeSettings { AcceptedPasswords = [PasswordKey.Create("secret")], MasterPassword = PasswordKey.Create("secret") };
        return CoreNode.Master(new ManualTimeProvider(), settings);
    }

    private bool Works(string demanded, string offered)
    {
        var accepting = new NodeSettings { AcceptedPasswords = [PasswordKey.Create(demanded)] };
        var offering = new NodeSettings { MasterPassword = PasswordKey.Create(offered) };
        var master = new MasterHandshake(accepting, CoreNode.RunIdOf(1), _node.Core.Random, () => []);
        var replica = new ReplicaHandshake(offering, CoreNode.RunIdOf(2), _node.Core.Random, null, 0);
        var toMaster = new ArrayBufferWriter<byte>();
        var toReplica = new ArrayBufferWriter<byte>();
        replica.Start(toMaster);
        try
        {
            while (!replica.IsComplete)
            {
                Carry(toMaster, (type, payload) => master.Receive(type, payload, toReplica));
                Carry(toReplica, (type, payload) => replica.Receive(type, payload, toMaster));
            }
        }
        catch (ProtocolException exception)
        {
            Assert.Equal(ErrorCode.WrongPassword, exception.Code);
            return false;
        }

        return master.IsComplete;
    }

    private static void Carry(ArrayBufferWriter<byte> from, Action<FrameType, ReadOnlySequence<byte>> receive)
    {
        var buffer = new ReadOnlySequence<byte>(from.WrittenSpan.ToArray());
        from.ResetWrittenCount();
        while (FrameReader.TryRead(ref buffer, FrameLimits.Control, out FrameType type, out ReadOnlySequence<byte> payload))
        {
            receive(type, payload);
        }
    }
}
