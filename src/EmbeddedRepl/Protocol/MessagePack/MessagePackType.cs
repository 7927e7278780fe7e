namespace EmbeddedRepl.Protocol;

/// <summary>The kinds of value that MessagePack knows.</summary>
internal enum MessagePackType : byte
{
    /// <summary>The one code that the specification never uses.</summary>
    Unknown = 0,

    /// <summary>A whole number of any size.</summary>
    Integer = 1,

    /// <summary>Nothing.</summary>
    Nil = 2,

    /// <summary>True or false.</summary>
    Boolean = 3,

    /// <summary>A floating-point number; this protocol uses none, but skips over them.</summary>
    Float = 4,

    /// <summary>Text in UTF-8.</summary>
    String = 5,

    /// <summary>Bytes.</summary>
    Binary = 6,

    /// <summary>A list of values.</summary>
    Array = 7,

    /// <summary>A list of pairs of values; this protocol uses none, but skips over them.</summary>
    Map = 8,

    /// <summary>A typed blob; this protocol uses none, but skips over them.</summary>
    Extension = 9,
}
