namespace EmbeddedRepl.Storage;

/// <summary>A local extension of a sliding entry that ought to become a record.</summary>
/// <param name="Key">The key's bytes (WTF-8); a copy, owned by the receiver.</param>
/// <param name="Version">The version that was read.</param>
/// <param name="Deadline">The deadline that the reads so far extended the entry to, in UTC ms of this node's clock.</param>
/// <param name="Window">The entry's sliding window in milliseconds.</param>
/// <param name="ReadAt">When it was read, in milliseconds of the monotonic clock: how long ago that is does not change when somebody sets the wall clock.</param>
internal readonly record struct PendingTouch(byte[] Key, long Version, long Deadline, long Window, long ReadAt);
