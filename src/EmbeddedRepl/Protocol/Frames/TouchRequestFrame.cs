using System.Buffers;

namespace EmbeddedRepl.Protocol;

/// <summary>R→M: reads of sliding entries, coalesced. There is no reply: what they change comes back in the stream.</summary>
/// <param name="Originator">The process on which the entries were read.</param>
/// <param name="Session">As in <see cref="WriteRequestFrame"/>.</param>
/// <param name="Touches">At most <see cref="ProtocolLimits.Touches"/>, and together no more than fits in <see cref="FrameLimits.Control"/>.</param>
internal readonly record struct TouchRequestFrame(RunId Originator, long Session, IReadOnlyList<KeyTouch> Touches) : IFrame<TouchRequestFrame>
{
    /// <inheritdoc/>
    public static FrameType Type => FrameType.TouchRequest;

    /// <inheritdoc/>
    public static int FieldCount => 3;

    /// <inheritdoc/>
    public void Write(ref MessagePackWriter writer)
    {
        writer.Write(Originator);
        writer.Write(Session);
        writer.WriteArrayHeader(Touches.Count);
        foreach (KeyTouch touch in Touches)
        {
            writer.WriteArrayHeader(KeyTouch.FieldCount);
            writer.Write(touch.Key.Span);
            writer.Write(touch.Version);
            writer.Write(touch.AgeMs);
        }
    }

    /// <inheritdoc/>
    public static TouchRequestFrame Read(ref MessagePackReader reader)
    {
        RunId originator = reader.ReadRunId();
        long session = reader.ReadNonNegative("session");
        KeyTouch[] touches = new KeyTouch[reader.ReadArrayHeader("touches", ProtocolLimits.Touches)];
        for (int i = 0; i < touches.Length; i++)
        {
            reader.ReadFields("touch", KeyTouch.FieldCount);
            byte[] key = reader.ReadBinary("key", FrameLimits.Control).ToArray();
            touches[i] = new KeyTouch(key, reader.ReadNonNegative("version"), reader.ReadNonNegative("age"));
        }

        return new TouchRequestFrame(originator, session, touches);
    }
}
