using System.Buffers;
using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Handshake;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Security;

public class ReplayTests
{
    private const string Password = "correct horse battery staple";

    [Fact]
    [Trait("Behaviour", "F9")]
    public void Master_RecordedHandshakeOfAReplica_RefusesItsReplay()
    {
        using TestNode master = TestNode.Master(options => options.Password = Password);
        List<byte[]> recording = RecordHandshake(master.EndPoint);

        using RawPeer thief = RawPeer.Connect(master.EndPoint);
        thief.SendBytes(recording[0]);
        thief.Expect<HelloReplyFrame>();
        thief.SendBytes(recording[1]);
        ErrorFrame error = thief.Expect<ErrorFrame>();

        Assert.Equal(ErrorCode.WrongPassword, error.Code);
        Assert.Null(thief.ReadFrame());
    }

    [Fact]
    [Trait("Behaviour", "F9")]
    public void Replica_MasterReturnsItsOwnNonce_RefusesBeforeItProvesAnything()
    {
        var answers = new System.Collections.Concurrent.ConcurrentQueue<FrameType>();
        using var listener = new TestListener(connection =>
        {
            using var mirror = new RawPeer(connection);
            HelloFrame hello = mirror.Expect<HelloFrame>();
            mirror.Send(new HelloReplyFrame(hello, DemandsPassword: true));
            while (mirror.ReadFrame() is { } frame)
            {
                answers.Enqueue(frame.Type);
            }
        });
        using TestNode replica = TestNode.Replica(listener.EndPoint.ToString(), options => options.MasterPassword = Password);

        replica.WaitFor(info => info.LinkDownReason?.Contains("reflected", StringComparison.Ordinal) == true, "the reflection is found out");
        replica.WaitUntil(() => !answers.IsEmpty, () => "the replica answers");

        Assert.All(answers, type => Assert.Equal(FrameType.Error, type));
    }

    [Fact]
    [Trait("Behaviour", "F9")]
    public void Replica_MasterEchoesEveryByte_Refuses()
    {
        using var listener = new TestListener(connection =>
        {
            using (connection)
            {
                byte[] buffer = new byte[4096];
                for (int count; (count = connection.Read(buffer)) > 0;)
                {
                    connection.Write(buffer.AsSpan(0, count));
                }
            }
        });
        using TestNode replica = TestNode.Replica(listener.EndPoint.ToString(), options => options.MasterPassword = Password);

        replica.WaitFor(info => info.LinkDownReason?.Contains("Hello frame cannot come", StringComparison.Ordinal) == true, "the echo is found out");

        Assert.False(replica.Info.IsReady);
    }

    [Fact]
    [Trait("Behaviour", "F9")]
    public void Node_ItsHandshakeIsLedBackToItself_RefusesAndKeepsItsData()
    {
        using TestNode node = TestNode.Master(options => options.Password = Password);
        node.Set("own", [1]);
        using var attacker = new FaultProxy(HostEndPoint.Parse(node.EndPoint), seed: 1);

        node.Node.ReplicateFrom(attacker.EndPoint.ToString());

        node.WaitFor(info => info.LinkDownReason?.Contains("cycle", StringComparison.Ordinal) == true, "the cycle is found");
        Assert.Equal([1], node.Get("own")!);
        Assert.Equal(0, node.Info.FullSyncsCompleted);
    }

    /// <summary>What an eavesdropper hears a replica say that knows the password.</summary>
    private static List<byte[]> RecordHandshake(string endPoint)
    {
        var settings = new NodeSettings { MasterPassword = PasswordKey.Create(Password) };
        var handshake = new ReplicaHandshake(settings, RunId.NewId(), SystemNodeRandom.Instance, null, 0);
        List<byte[]> sent = [];
        using RawPeer replica = RawPeer.Connect(endPoint);
        var output = new ArrayBufferWriter<byte>();
        handshake.Start(output);
        while (true)
        {
            if (output.WrittenCount > 0)
            {
                sent.Add(output.WrittenSpan.ToArray());
                replica.SendBytes(output.WrittenSpan);
                output.ResetWrittenCount();
            }

            if (handshake.IsComplete)
            {
                return sent;
            }

            (FrameType type, byte[] payload) = replica.ReadFrame()!.Value;
            handshake.Receive(type, new ReadOnlySequence<byte>(payload), output);
        }
    }
}
