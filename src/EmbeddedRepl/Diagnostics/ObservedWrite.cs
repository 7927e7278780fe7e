using System.Diagnostics;

namespace EmbeddedRepl.Diagnostics;

/// <summary>
/// One forwarded write that is being observed: its activity and its time. Begun by <see cref="CacheTelemetry.BeginForwardedWrite"/> and ended exactly once, on any thread, never under the gate:
/// those who listen are code of the application.
/// </summary>
internal readonly struct ObservedWrite(CacheTelemetry telemetry, Activity? activity, long startedAt)
{
    /// <summary>The write is over.</summary>
    public void End(ForwardedWriteOutcome outcome) => telemetry.EndForwardedWrite(activity, startedAt, outcome);

    /// <summary>It turned out to be none: the node is a master by now, and writes itself.</summary>
    public void Discard() => activity?.Dispose();
}
