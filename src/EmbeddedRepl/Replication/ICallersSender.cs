namespace EmbeddedRepl.Replication;

/// <summary>Sends to one replica from the thread that made the stream longer, which saves waking the sender. Thread-safe.</summary>
internal interface ICallersSender
{
    /// <summary>Whether nothing was sent for a while, so that what comes now is a write by itself and none of many. A racy answer is good enough.</summary>
    bool IsQuiet { get; }

    /// <summary>Sends what waits, if it is little, nobody is sending, and the connection takes it at once; otherwise wakes the sender. Under no lock.</summary>
    void SendHere();
}
