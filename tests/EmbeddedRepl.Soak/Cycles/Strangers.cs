using System.Buffers;
using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Soak.Cycles;

/// <summary>Peers that connect and are no replicas.</summary>
internal static class Strangers
{
    /// <summary>Says a part of the handshake, or nothing, and goes: by a close, by a reset, or when the master has lost its patience with it.</summary>
    public static void LeaveInTheHandshake(CycleNodes nodes, Random random)
    {
        var hello = new ArrayBufferWriter<byte>();
        byte[] nonce = new byte[ProtocolLimits.NonceSize];
        random.NextBytes(nonce);
        FrameWriter.Write(hello, new HelloFrame(ProtocolVersion.Major, ProtocolVersion.Minor, Capabilities.None, Capabilities.None, nonce));
        using Socket socket = Connect(nodes);
        int said = random.Next(3) switch { 0 => 0, 1 => random.Next(hello.WrittenCount), _ => hello.WrittenCount };
        socket.Send(hello.WrittenSpan[..said]);
        if (random.Next(2) == 0)
        {
            socket.LingerState = new LingerOption(true, 0);
        }

        if (said == hello.WrittenCount)
        {
            nodes.WatchSessions();
            socket.ReceiveTimeout = 10_000;
            socket.Receive(new byte[1_024]);
        }
    }

    /// <summary>Sends what is no frame, and is thrown out.</summary>
    public static void SendGarbage(CycleNodes nodes, Random random)
    {
        byte[] bytes = new byte[random.Next(12, 2_000)];
        random.NextBytes(bytes);
        using Socket socket = Connect(nodes);
        socket.ReceiveTimeout = 10_000;
        try
        {
            socket.Send(bytes);
            while (socket.Receive(new byte[1_024]) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is as good an end as any.
        }
    }

    private static Socket Connect(CycleNodes nodes)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPEndPoint.Parse(CycleNodes.EndPointOf(nodes.Master)));
        return socket;
    }
}
