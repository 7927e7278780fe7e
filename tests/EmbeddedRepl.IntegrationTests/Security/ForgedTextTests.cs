using EmbeddedRepl.IntegrationTests.Nodes;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.IntegrationTests.Security;

/// <summary>Text of a peer that is nobody, in this node's log and information.</summary>
public class ForgedTextTests
{
    private const string Forged = "over\r\ninfo: 1100 all is well\u2028role:master";

    [Fact]
    [Trait("Behaviour", "F1")]
    public void Stranger_WhoseErrorHasLineEnds_WritesNoLineOfItsOwn()
    {
        using var log = new TraceLog();
        using TestNode master = TestNode.Master(options => options.Password = "right", log);
        using (RawPeer peer = RawPeer.Connect(master.EndPoint))
        {
            peer.Send(new ErrorFrame(ErrorCode.Internal, Forged));
            master.WaitFor(info => info.LastHandshakeRefusal is not null, "it is recorded");
        }

        AssertOnOneLine(master.Info.LastHandshakeRefusal!);
        Assert.True(log.Contains("over??info: 1100 all is well?role:master"), log.Text);
    }

    [Fact]
    [Trait("Behaviour", "F1")]
    public void Master_WhoseErrorHasLineEnds_WritesNoLineOfItsOwn()
    {
        using var listener = new TestListener(connection =>
        {
            using RawPeer peer = new(connection);
            peer.Send(new ErrorFrame(ErrorCode.Internal, Forged));
            while (peer.ReadFrame() is not null)
            {
            }
        });
        using TestNode replica = TestNode.Replica(listener.EndPoint.ToString());

        replica.WaitFor(info => info.LinkDownReason?.Contains("all is well", StringComparison.Ordinal) == true, "it is told");
        AssertOnOneLine(replica.Info.LinkDownReason!);
    }

    private static void AssertOnOneLine(string text) => Assert.DoesNotContain(text, c => c is '\r' or '\n' or '\u2028');
}
