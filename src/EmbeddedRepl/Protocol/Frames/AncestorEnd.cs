namespace EmbeddedRepl.Protocol;

/// <summary>Why a replication id ended.</summary>
internal enum AncestorEnd : byte
{
    /// <summary>A replica was promoted and went on with a new id: bytes of the old id beyond its end lost the election.</summary>
    Promotion = 1,

    /// <summary>The master was restarted: bytes of the old id beyond its end may exist on replicas and are worth recovering.</summary>
    Restart = 2,
}
