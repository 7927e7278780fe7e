using System.Buffers;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.TestKit.Core;

/// <summary>A frame that an endpoint has sent.</summary>
internal sealed record SentFrame(FrameType Type, byte[] Payload)
{
    public T Read<T>()
        where T : struct, IFrame<T> => FramePayload.Read<T>(new ReadOnlySequence<byte>(Payload));
}
