using EmbeddedRepl.Diagnostics;
using Microsoft.Extensions.Logging;

namespace EmbeddedRepl.Replication.Runtime;

/// <summary>
/// A thread of its own for one loop. Links must work while the application blocks every thread of the pool, so nothing here
/// ever waits for the pool. A loop that fails is logged; it is joined when its owner stops.
/// </summary>
internal sealed class LoopThread
{
    /// <summary>Loops have shallow stacks; fifty replicas mean a hundred of them.</summary>
    private const int StackSize = 256 * 1024;

    private readonly Thread _thread;

    private LoopThread(Thread thread) => _thread = thread;

    public static LoopThread Start(string name, ILogger logger, Action loop)
    {
        var thread = new Thread(() => Run(name, logger, loop), StackSize)
        {
            IsBackground = true,
            Name = $"EmbeddedRepl {name}",
        };
        thread.Start();
        return new LoopThread(thread);
    }

    /// <returns>Whether the loop has ended.</returns>
    public bool Join(TimeSpan timeout) => _thread == Thread.CurrentThread || _thread.Join(timeout);

    private static void Run(string name, ILogger logger, Action loop)
    {
        try
        {
            loop();
        }
#pragma warning disable CA1031 // The outermost frame of the thread: an exception that left it would end the application.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            logger.BackgroundWorkFailed(exception, name);
        }
    }
}
