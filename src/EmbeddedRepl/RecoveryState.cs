namespace EmbeddedRepl;

/// <summary>How far a master has come that was started and takes what it lacks from its replicas. It serves reads in every state.</summary>
public enum RecoveryState
{
    /// <summary>There is nothing to recover, or it is over: nothing holds a master's writes back on that account.</summary>
    None = 0,

    /// <summary>Replicas are being asked what they have. Writes wait.</summary>
    Collecting = 1,

    /// <summary>The most advanced data is being taken. Writes wait.</summary>
    Taking = 2,

    /// <summary>Nothing could be taken without giving other data up. Writes are refused until an operator decides.</summary>
    Undecided = 3,
}
