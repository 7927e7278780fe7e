namespace EmbeddedRepl.Protocol;

/// <summary>What a record does; the first element of its array. A new kind needs a new major version, as a node that skipped it would differ.</summary>
internal enum RecordKind : byte
{
    /// <summary>A key gets a value and an expiration; nothing of what it had before remains. In the stream and in forwarded operations.</summary>
    Set = 1,

    /// <summary>A key is removed. In the stream and in forwarded operations.</summary>
    Remove = 2,

    /// <summary>A sliding entry of a known version gets a later deadline. In the stream.</summary>
    Touch = 3,

    /// <summary>All keys are removed. In the stream and in forwarded operations.</summary>
    Clear = 4,

    /// <summary>A whole entry with its metadata. In snapshots only.</summary>
    Entry = 5,

    /// <summary>As <see cref="Set"/>, if the key has the version that its caller expects. In forwarded operations only: what becomes of it stands in the stream as a set.</summary>
    CompareAndSet = 6,

    /// <summary>As <see cref="Remove"/>, if the key has the version that its caller expects. In forwarded operations only.</summary>
    CompareAndRemove = 7,
}
