using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>A stream that lies ready in memory, and is sent through a socket as fast as that takes it. <see cref="BareReplica"/> is the other end.</summary>
internal sealed class BareStream
{
    private const int PieceSize = 64 << 10;

    private byte[] _bytes = [];

    /// <summary>What the ends agree on.</summary>
    public static RecordLimits Limits { get; } = new(ReplicatedCacheOptions.MaxKeySizeLimit, 64 << 20);

    /// <summary>Records that set keys, in their order, to a value.</summary>
    /// <param name="count">How many; they begin again when the keys are through.</param>
    /// <param name="keys">Keys below this number.</param>
    /// <param name="seed">Another seed is another value.</param>
    public static byte[] Encode(int count, int keys, int seed)
    {
        byte[] value = new byte[EntryKeys.ValueSize];
        new Random(seed).NextBytes(value);
        var stream = new MemoryStream(count * (EntryKeys.ValueSize + 32));
        Span<byte> prefix = stackalloc byte[RecordEncoder.MaxPrefixSize(64)];
        for (int i = 0; i < count; i++)
        {
            byte[] key = Encoding.UTF8.GetBytes(EntryKeys.Create(i % keys));
            stream.Write(prefix[..RecordEncoder.EncodeSetPrefix(prefix, key, value.Length, 0, 0, 0)]);
            stream.Write(value);
        }

        return stream.ToArray();
    }

    /// <summary>Makes a stream of so many records.</summary>
    /// <returns>Its length in bytes.</returns>
    public string Prepare(int count, int keys)
    {
        _bytes = Encode(count, keys, seed: 1);
        return _bytes.Length.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Connects, sends all of it, and waits until it is applied.</summary>
    /// <returns>How many milliseconds that took.</returns>
    public string Send(int port)
    {
        long start = Stopwatch.GetTimestamp();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        for (ReadOnlySpan<byte> left = _bytes; !left.IsEmpty;)
        {
            left = left[socket.Send(left[..Math.Min(PieceSize, left.Length)])..];
        }

        byte[] done = new byte[1];
        int received = socket.Receive(done);
        return received == 1
            ? Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString(CultureInfo.InvariantCulture)
            : throw new InvalidOperationException("The receiver closed the connection.");
    }
}
