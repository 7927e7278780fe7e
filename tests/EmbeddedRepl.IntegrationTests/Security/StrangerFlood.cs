using System.Buffers.Binary;
using System.Net.Sockets;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.IntegrationTests.Security;

/// <summary>Many peers that prove nothing: a third announce a huge frame, a third trickle one byte at a time, a third say nothing.</summary>
internal sealed class StrangerFlood : IDisposable
{
    /// <summary>The beginning of the largest frame that a stranger may send, which never gets complete.</summary>
    private static readonly byte[] Header = [0, 0, FrameLimits.BeforeAuthentication >> 8, FrameLimits.BeforeAuthentication & 255, (byte)FrameType.Hello, 0, 0, 0];

    private readonly List<Socket> _sockets = [];
    private readonly Dictionary<Socket, int> _trickled = [];

    public int Count => _sockets.Count;

    /// <summary>How many were thrown out: their connection is at its end.</summary>
    public int CutOff => _sockets.Count(StrangerSocket.IsOver);

    public void Connect(string endPoint, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Socket socket = StrangerSocket.Connect(endPoint);
            _sockets.Add(socket);
            if (i % 3 == 0)
            {
                byte[] header = new byte[12];
                BinaryPrimitives.WriteInt32BigEndian(header, int.MaxValue);
                TrySend(socket, header);
            }
        }
    }

    /// <summary>Each of the slow ones sends one further byte.</summary>
    public void Trickle()
    {
        for (int i = 1; i < _sockets.Count; i += 3)
        {
            int sent = _trickled.GetValueOrDefault(_sockets[i]);
            TrySend(_sockets[i], [sent < Header.Length ? Header[sent] : (byte)0]);
            _trickled[_sockets[i]] = sent + 1;
        }
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private static void TrySend(Socket socket, byte[] bytes)
    {
        try
        {
            socket.Send(bytes);
        }
        catch (SocketException)
        {
            // Thrown out already.
        }
    }
}
