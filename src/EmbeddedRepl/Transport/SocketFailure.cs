using System.Net.Sockets;

namespace EmbeddedRepl.Transport;

/// <summary>Says in words what went wrong with a socket, for people who read a log at night.</summary>
internal static class SocketFailure
{
    /// <summary>The end of a sentence, without a full stop.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => "connection refused: nothing listens there",
        SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown } => "the other end closed the connection",
        SocketException { SocketErrorCode: SocketError.TimedOut } => "no answer in time",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } => "the name is not known",
        SocketException { SocketErrorCode: SocketError.TryAgain } => "the name cannot be resolved at the moment",
        SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } => "there is no route to it",
        SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } => "the port is taken by another process",
        SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "this machine does not have that address",
        SocketException { SocketErrorCode: SocketError.AccessDenied } => "the operating system does not permit it",
        SocketException { SocketErrorCode: SocketError.TooManyOpenSockets } => "the process has too many open files",
        ObjectDisposedException => "the connection was closed here",
        _ => exception.Message.TrimEnd('.'),
    };
}
