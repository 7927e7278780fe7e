using System.Buffers;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Tests.Replication.Forwarding;

/// <summary>A connection by hand: what one end sends is taken, and given to the other or not.</summary>
internal static class ForwardingSteps
{
    public static CorePair Connect(CoreNode master, CoreNode replica)
    {
        var link = new CorePair(master, replica);
        link.Pump();
        return link;
    }

    /// <summary>What the replica's end would send now; it gets no further.</summary>
    public static byte[] TakeWhatIsSent(CorePair link)
    {
        var output = new ArrayBufferWriter<byte>();
        while (link.Link.NextWork(output, default).Kind != SendKind.Wait)
        {
        }

        return output.WrittenSpan.ToArray();
    }

    public static byte[] NextSend(CorePair link)
    {
        var output = new ArrayBufferWriter<byte>();
        link.Link.NextWork(output, default);
        return output.WrittenSpan.ToArray();
    }

    public static void Feed(PeerEndpoint endpoint, byte[] bytes, CoreNode node)
    {
        var buffer = new ReadOnlySequence<byte>(bytes);
        while (endpoint.TryReceive(ref buffer, node.Now))
        {
        }
    }

    /// <summary>The frames that are no piece of the stream.</summary>
    public static byte[] WithoutStream(byte[] bytes)
    {
        var result = new List<byte>();
        var buffer = new ReadOnlySequence<byte>(bytes);
        while (true)
        {
            long before = buffer.Length;
            ReadOnlySequence<byte> start = buffer;
            if (!FrameReader.TryRead(ref buffer, FrameLimits.Data, out FrameType type, out _))
            {
                return [.. result];
            }

            if (type != FrameType.StreamChunk)
            {
                result.AddRange(start.Slice(0, before - buffer.Length).ToArray());
            }
        }
    }

    /// <summary>What the master's end would send now, without the stream: an answer that overtakes what it tells of.</summary>
    public static byte[] TakeAnswer(CorePair link, CoreNode master)
    {
        var output = new ArrayBufferWriter<byte>();
        link.Session.NextWork(output, master.Now);
        return WithoutStream(output.WrittenSpan.ToArray());
    }

    public static byte[] Bytes<T>(in T frame)
        where T : struct, IFrame<T>
    {
        var output = new ArrayBufferWriter<byte>();
        FrameWriter.Write(output, frame);
        return output.WrittenSpan.ToArray();
    }
}
