using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EmbeddedRepl.Comparison.Nodes;

namespace EmbeddedRepl.Comparison.Scenarios.FanOut;

/// <summary>
/// What nobody can go below who sends the same bytes to many over sockets: a process that does nothing but that, in blocks of the same size at the same pace. <see cref="ChildProcess"/> is the other end; it
/// is asked with a port and the words of a <see cref="CopyLoad"/> and answers with its processor time, in nanoseconds a block.
/// </summary>
internal static class CopyChild
{
    public const string Verb = "copy";

    public static int Run() => ChildLoop.Run(words => Copy(int.Parse(words[0], CultureInfo.InvariantCulture), CopyLoad.Parse(words[1..])));

    private static string Copy(int port, CopyLoad load)
    {
        Socket[] sockets = [.. Enumerable.Range(0, load.Sockets).Select(_ => Connect(port))];
        try
        {
            using var threads = new CopyThreads(load.OwnThreads ? sockets : [], load.BlockSize);
            byte[] block = new byte[load.BlockSize];
            TimeSpan before = Environment.CpuUsage.TotalTime;
            long start = Stopwatch.GetTimestamp();
            for (int sent = 0; sent < load.Blocks; sent++)
            {
                while (Stopwatch.GetElapsedTime(start).TotalSeconds * load.PerSecond < sent)
                {
                    Thread.Sleep(1);
                }

                if (load.OwnThreads)
                {
                    threads.SendOneMore();
                    continue;
                }

                foreach (Socket socket in sockets)
                {
                    Send(socket, block);
                }
            }

            threads.Finish();
            return ((Environment.CpuUsage.TotalTime - before).TotalNanoseconds / load.Blocks).ToString("R", CultureInfo.InvariantCulture);
        }
        finally
        {
            Array.ForEach(sockets, socket => socket.Dispose());
        }
    }

    public static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[socket.Send(bytes)..];
        }
    }

    private static Socket Connect(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }
}
