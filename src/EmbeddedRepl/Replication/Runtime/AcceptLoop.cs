using EmbeddedRepl.Diagnostics;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>Accepts replicas at one address and gives each connection its loops.</summary>
internal sealed class AcceptLoop : IDisposable
{
    /// <summary>The pause after a failed accept, typically because file descriptors or threads have run out.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly NodeRuntime _runtime;
    private readonly IListener _listener;
    private readonly LoopSignal _signal = new();
    private LoopThread? _thread;
    private volatile bool _isStopping;

    /// <param name="runtime">The node.</param>
    /// <param name="listener">Already listening; disposed of with this object.</param>
    /// <param name="configured">The address as it was configured, which several listeners may share.</param>
    public AcceptLoop(NodeRuntime runtime, IListener listener, string configured)
    {
        _runtime = runtime;
        _listener = listener;
        Configured = configured;
        LocalEndPoint = HostEndPoint.From(listener.LocalEndPoint).ToString();
    }

    public string Configured { get; }

    public string LocalEndPoint { get; }

    public void Start() => _thread = LoopThread.Start($"listener {LocalEndPoint}", _runtime.Logger, Run);

    public void Dispose()
    {
        _isStopping = true;
        _listener.Dispose();
        _signal.Set();
        if (_thread is null || _thread.Join(TimeSpan.FromSeconds(5)))
        {
            _signal.Dispose();
        }
    }

    private void Run()
    {
        while (!_isStopping)
        {
            try
            {
                _runtime.RunSession(_listener.Accept());
            }
            catch (ObjectDisposedException)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever went wrong with one connection, the listener must not stop listening for it.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _runtime.Logger.AcceptFailed(exception, LocalEndPoint, Pause);
                _signal.Wait((long)Pause.TotalMilliseconds);
            }
        }
    }
}
