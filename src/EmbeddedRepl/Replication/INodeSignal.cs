namespace EmbeddedRepl.Replication;

/// <summary>Wakes a loop that waits. Setting it before the loop waits is remembered; setting it twice wakes once.</summary>
internal interface INodeSignal
{
    void Set();
}
