using System.Text;

namespace EmbeddedRepl.Protocol;

/// <summary>How large the parts of a control frame may be. A reader refuses more.</summary>
internal static class ProtocolLimits
{
    /// <summary>Ancestors in one frame.</summary>
    public const int Ancestors = 16;

    /// <summary>Run ids in one frame, the nearest node first.</summary>
    public const int RunIds = 64;

    /// <summary>A message for a person, in UTF-8 bytes.</summary>
    public const int MessageSize = 512;

    /// <summary>The name of a cache, in UTF-8 bytes: 128 characters of any kind.</summary>
    public const int CacheNameSize = 512;

    /// <summary>An announced host, in UTF-8 bytes; the longest name that DNS allows has 253.</summary>
    public const int HostSize = 255;

    /// <summary>Touches in one frame.</summary>
    public const int Touches = 1024;

    /// <summary>Bytes of a nonce or of a proof.</summary>
    public const int NonceSize = 32;

    /// <summary>The text, cut between two characters if it has more than <see cref="MessageSize"/> bytes.</summary>
    public static string Shorten(string message)
    {
        if (Encoding.UTF8.GetByteCount(message) <= MessageSize)
        {
            return message;
        }

        int size = 0;
        int length = 0;
        foreach (Rune rune in message.EnumerateRunes())
        {
            size += rune.Utf8SequenceLength;
            if (size > MessageSize)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return message[..length];
    }
}
