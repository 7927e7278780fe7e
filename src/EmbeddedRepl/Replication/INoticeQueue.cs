namespace EmbeddedRepl.Replication;

/// <summary>Takes events for an application. Called under the gate: must not wait, and must not call anybody back.</summary>
internal interface INoticeQueue
{
    void Add(ReplicationEventArgs notice);
}
