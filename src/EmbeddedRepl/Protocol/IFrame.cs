namespace EmbeddedRepl.Protocol;

/// <summary>
/// A frame whose payload is one MessagePack array. A later minor version may append fields, never change or remove one: readers pass over fields
/// that they do not know and refuse an array that is too short.
/// </summary>
/// <typeparam name="TSelf">The frame itself.</typeparam>
internal interface IFrame<TSelf>
    where TSelf : struct, IFrame<TSelf>
{
    /// <summary>The type in the frame header.</summary>
    static abstract FrameType Type { get; }

    /// <summary>How many fields <see cref="Write"/> writes and <see cref="Read"/> reads.</summary>
    static abstract int FieldCount { get; }

    /// <summary>Writes the fields in order; the header of the array is already written.</summary>
    void Write(ref MessagePackWriter writer);

    /// <summary>Reads the fields in order; the header of the array is already read. Nothing in the result refers to the input unless it says so.</summary>
    /// <exception cref="ProtocolException">A field is malformed or beyond its limit.</exception>
    static abstract TSelf Read(ref MessagePackReader reader);
}
