namespace EmbeddedRepl.Protocol;

/// <summary>What a restarted master wants from the replica that it chose.</summary>
internal enum RecoveryMode : byte
{
    /// <summary>The bytes of stream after what the master has.</summary>
    Partial = 1,

    /// <summary>The whole data set.</summary>
    Full = 2,
}
