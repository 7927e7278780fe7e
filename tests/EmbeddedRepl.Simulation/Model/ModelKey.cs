using System.Text;
using EmbeddedRepl.Storage;

namespace EmbeddedRepl.Simulation.Model;

/// <summary>A key's bytes as a string that can be looked up, one character per byte.</summary>
internal static class ModelKey
{
    public static string Of(ReadOnlySpan<byte> key) => Encoding.Latin1.GetString(key);

    public static byte[] Bytes(string modelKey) => Encoding.Latin1.GetBytes(modelKey);

    /// <summary>The key as a caller writes it.</summary>
    public static string ToKey(string modelKey) => KeyCodec.Decode(Bytes(modelKey));
}
