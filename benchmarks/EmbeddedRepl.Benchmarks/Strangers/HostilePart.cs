using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace EmbeddedRepl.Benchmarks.Strangers;

/// <summary>
/// Connections that prove nothing. Six kinds in equal parts: silent; a byte every 100 ms; a huge announced frame; garbage; a TLS handshake that stops after its first message; one that
/// connects and closes again and again. Whoever is thrown out comes back at the next round.
/// </summary>
internal static class HostilePart
{
    public const string Verb = "strangers-hostile";

    private const int Kinds = 6;

    private static long _came;

    public static int Run(string[] args)
    {
        IPEndPoint target = IPEndPoint.Parse(args[0]);
        int count = int.Parse(args[1], CultureInfo.InvariantCulture);
        byte[] hello = ClientHello();
        new Thread(() => Attack(target, count, hello)) { IsBackground = true }.Start();
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(Volatile.Read(ref _came));
        }

        return 0;
    }

    private static void Attack(IPEndPoint target, int count, byte[] hello)
    {
        var sockets = new Socket?[count];
        byte[] garbage = new byte[512];
        byte[] huge = [0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
        while (true)
        {
            for (int i = 0; i < count; i++)
            {
                try
                {
                    int kind = i % Kinds;
                    if (sockets[i] is { } old && (kind == Kinds - 1 || IsOver(old)))
                    {
                        old.Dispose();
                        sockets[i] = null;
                    }

                    if (sockets[i] is { } socket)
                    {
                        if (kind == 1)
                        {
                            socket.Send([0]);
                        }

                        continue;
                    }

                    Socket fresh = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    sockets[i] = fresh;
                    fresh.Connect(target);
                    Volatile.Write(ref _came, _came + 1);
                    Random.Shared.NextBytes(garbage);
                    if (kind is >= 2 and <= 4)
                    {
                        fresh.Send(kind == 2 ? huge : kind == 3 ? garbage : hello);
                    }
                }
                catch (SocketException)
                {
                    // Thrown out in the middle; comes back.
                }
            }

            Thread.Sleep(100);
        }
    }

    private static bool IsOver(Socket socket)
    {
        Span<byte> ignored = stackalloc byte[4096];
        try
        {
            while (socket.Poll(0, SelectMode.SelectRead))
            {
                if (socket.Receive(ignored) == 0)
                {
                    return true;
                }
            }

            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static byte[] ClientHello()
    {
        var stream = new MemoryStream();
        try
        {
            using var ssl = new SslStream(stream, leaveInnerStreamOpen: true);
            ssl.AuthenticateAsClient("localhost");
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
        {
            // Nobody answers.
        }

        return stream.ToArray();
    }
}
