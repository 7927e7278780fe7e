using System.Diagnostics.Tracing;

namespace EmbeddedRepl.Comparison.Scenarios.Gc;

/// <summary>Hears from the runtime when it stops all threads and when it lets them go on.</summary>
internal sealed class PauseListener : EventListener
{
    private const EventKeywords GarbageCollection = (EventKeywords)1;

    private DateTime _stopped;

    public TimeSpan Longest { get; private set; }

    public int Count { get; private set; }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Informational, GarbageCollection);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        switch (eventData.EventName)
        {
            case "GCSuspendEEBegin_V1":
                _stopped = eventData.TimeStamp;
                break;
            case "GCRestartEEEnd_V1" when _stopped != default:
                TimeSpan pause = eventData.TimeStamp - _stopped;
                Longest = pause > Longest ? pause : Longest;
                Count++;
                _stopped = default;
                break;
        }
    }
}
