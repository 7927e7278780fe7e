using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Runtime;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace EmbeddedRepl.IntegrationTests.Faults;

public sealed class ListenerChangeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Undo_AddressThatWasInTheWay_IsOpenAgainUnlessTheNodeIsGone(bool isDisposedOf)
    {
        int port = FreePort.Next();
        var core = new NodeCore(
            new NodeSettings(), RunId.NewId(), SystemNodeRandom.Instance, new NodeLog(NullLogger.Instance, TimeProvider.System), TimeProvider.System, new Lock());
        using var runtime = new NodeRuntime(core, new TcpConnector(), TimeProvider.System, NullLogger.Instance);
        runtime.Listen([$"127.0.0.1:{port}"]);
        ListenerChange change = runtime.ChangeListeners([$"*:{port}"]);
        if (isDisposedOf)
        {
            runtime.Dispose();
        }

        change.Undo();

        Assert.Equal(isDisposedOf, CanListen(port));
    }

    private static bool CanListen(int port)
    {
        try
        {
            foreach (TcpTransportListener listener in TcpTransportListener.Open(HostEndPoint.Parse($"127.0.0.1:{port}")))
            {
                listener.Dispose();
            }

            return true;
        }
        catch (ListenFailedException)
        {
            return false;
        }
    }
}
