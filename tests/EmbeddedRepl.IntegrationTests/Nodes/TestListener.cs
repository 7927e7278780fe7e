using EmbeddedRepl.Transport;

namespace EmbeddedRepl.IntegrationTests.Nodes;

/// <summary>A listener whose connections the test handles, one after the other, on a thread of its own.</summary>
internal sealed class TestListener : IDisposable
{
    private readonly TcpTransportListener _listener = TcpTransportListener.Open(HostEndPoint.Parse("127.0.0.1:0"))[0];
    private readonly Thread _thread;

    /// <param name="handle">Owns the connection; an <see cref="IOException"/> that it throws is the end of that connection only.</param>
    public TestListener(Action<IConnection> handle)
    {
        _thread = new Thread(() => Run(handle)) { IsBackground = true, Name = "test listener" };
        _thread.Start();
    }

    public HostEndPoint EndPoint => HostEndPoint.From(_listener.LocalEndPoint);

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
    }

    private void Run(Action<IConnection> handle)
    {
        while (true)
        {
            try
            {
                handle(_listener.Accept());
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (IOException)
            {
                // The peer went away.
            }
        }
    }
}
