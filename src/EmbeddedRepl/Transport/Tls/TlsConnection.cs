using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>
/// A connection in TLS. The handshake is made by <see cref="Open"/>, on the thread that owns the connection, so that whatever bounds that thread's time bounds it.
/// </summary>
/// <remarks>
/// The runtime is told to accept every certificate, and what is wrong with one is decided right after the handshake, before a byte of data is read or written: so the other end, to which an
/// encrypted channel exists by then, can be told the reason in the protocol's own words. A refused connection takes last words and gives nothing else away.
/// </remarks>
[SuppressMessage("Security", "CA5359", Justification = "The outcome is kept and decided by Open, before any byte passes, so that the other end can be told.")]
internal sealed class TlsConnection : IConnection
{
    private enum State
    {
        /// <summary>The handshake has not been made.</summary>
        New,

        /// <summary>Bytes pass through TLS: the other end was accepted, or last words may be said to it.</summary>
        Encrypted,

        /// <summary>The other end speaks no TLS: last words may be said to it as they are.</summary>
        LastWordsInPlaintext,

        /// <summary>Nothing passes.</summary>
        Failed,
    }

    private readonly IConnection _connection;
    private readonly TlsTransport _tls;
    private readonly string? _target;
    private readonly ConnectionStream _stream;
    private readonly SslStream _ssl;
    private State _state;
    private string? _problem;
    private Exception? _failure;

    private TlsConnection(IConnection connection, TlsTransport tls, string? target)
    {
        _connection = connection;
        _tls = tls;
        _target = target;

        // Until the other end was looked at, nothing is right with it: a handshake that ended without a question to us must not pass.
        _problem = target is not null || tls.Settings.ClientCertificates == ClientCertificates.Required ? "The certificate of the other end was not checked" : null;
        _stream = new ConnectionStream(connection);
        _ssl = new SslStream(_stream, leaveInnerStreamOpen: true);
    }

    /// <inheritdoc/>
    public EndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    /// <inheritdoc/>
    public EndPoint? LocalEndPoint => _connection.LocalEndPoint;

    /// <inheritdoc/>
    public bool IsLoopbackPeer => _connection.IsLoopbackPeer;

    /// <inheritdoc/>
    public string Description => _connection.Description;

    /// <inheritdoc/>
    public bool TakesBytesNow => _connection.TakesBytesNow;

    /// <summary>The end that was connected to.</summary>
    /// <param name="connection">Owned by the result.</param>
    /// <param name="tls">Its settings.</param>
    public static TlsConnection Accepted(IConnection connection, TlsTransport tls) => new(connection, tls, target: null);

    /// <summary>The end that connected.</summary>
    /// <param name="connection">Owned by the result.</param>
    /// <param name="tls">Its settings.</param>
    /// <param name="serverName">The name or address that the other end's certificate must be for.</param>
    public static TlsConnection Outgoing(IConnection connection, TlsTransport tls, string serverName) => new(connection, tls, serverName);

    /// <inheritdoc/>
    /// <exception cref="TlsRefusedException">It is refused here; last words may be written.</exception>
    /// <exception cref="IOException">It failed, or the other end refused.</exception>
    public void Open()
    {
        _connection.Open();
        _state = State.Failed;
        try
        {
            Authenticate();
        }
        catch (TlsSettingException exception)
        {
            throw new TlsRefusedException(TlsRefusal.Handshake, exception.Message, exception);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Explain(exception);
        }

        _stream.IsOpen = true;
        _state = State.Encrypted;
        if (_problem is not null)
        {
            throw new TlsRefusedException(TlsRefusal.Certificate, _problem + ".", _failure);
        }
    }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfZero(destination.Length, nameof(destination));
        if (_state == State.LastWordsInPlaintext)
        {
            return _connection.Read(destination);
        }

        ThrowIfUnusable();
        try
        {
            return _ssl.Read(destination);
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failure("Reading from", exception);
        }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
        {
            // Means nothing, and is therefore no error after FinishWriting, as on a connection without TLS.
            return;
        }

        if (_state == State.LastWordsInPlaintext)
        {
            _connection.Write(source);
            return;
        }

        ThrowIfUnusable();
        try
        {
            // The runtime encrypts in pieces of some kilobytes; each would be a call of the operating system, and a packet.
            _stream.BeginGather();
            _ssl.Write(source);
            _stream.EndGather();
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            throw Failure("Writing to", exception);
        }
    }

    /// <inheritdoc/>
    public void FinishWriting()
    {
        if (_state == State.Encrypted)
        {
            try
            {
                // The stream below waits on this thread, so the task is complete when it is returned.
                _ssl.ShutdownAsync().GetAwaiter().GetResult();
            }
            catch (Exception exception) when (IsFailure(exception))
            {
                throw Failure("Writing to", exception);
            }
        }

        _connection.FinishWriting();
    }

    /// <inheritdoc/>
    public void Abort() => _connection.Abort();

    /// <summary>Closes it, without waiting for the other end. No other thread may be in a call any more.</summary>
    public void Dispose()
    {
        _ssl.Dispose();
        _connection.Dispose();
    }

    private static bool IsFailure(Exception exception) =>
        exception is IOException or AuthenticationException or InvalidOperationException or NotSupportedException or System.ComponentModel.Win32Exception
            or System.Security.Cryptography.CryptographicException;

    private void Authenticate()
    {
        if (_target is null)
        {
            _ssl.AuthenticateAsServer(_tls.ServerOptions(VerifyClient));
        }
        else
        {
            _ssl.AuthenticateAsClient(_tls.ClientOptions(_target, VerifyServer));
        }
    }

    private bool VerifyServer(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        _problem = certificate is not X509Certificate2 shown ? "The master showed no certificate"
            : FindProblem(shown, chain, errors) is { } problem ? $"The certificate of the master, '{PeerVerdict.NameOf(shown)}', is refused: {problem}"
            : null;
        return true;
    }

    private bool VerifyClient(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is X509Certificate2 shown)
        {
            _problem = FindProblem(shown, chain, errors) is { } problem ? $"The certificate of the replica, '{PeerVerdict.NameOf(shown)}', is refused: {problem}" : null;
        }
        else
        {
            _problem = _tls.Settings.ClientCertificates == ClientCertificates.Required
                ? "The replica showed no certificate, and Tls:ClientCertificateMode demands one here. Set Tls:Certificate on the replica"
                : null;
        }

        return true;
    }

    private string? FindProblem(X509Certificate2 shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_tls.Settings.PeerValidation is not { } validation)
        {
            return PeerVerdict.Describe(shown, chain, errors, _target) ?? (errors == SslPolicyErrors.None ? null : $"it is not valid ({errors})");
        }

        try
        {
            return validation(shown, chain, errors) ? null : "the validation in the application's code did not accept it";
        }
#pragma warning disable CA1031 // It is the application's code. What it could not decide is not trusted.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // The other end is told the problem, and is a stranger: what the exception says is for the log of this node.
            _failure = exception;
            return $"the validation in the application's code failed ({exception.GetType().Name}). The log of the node that refused it says why";
        }
    }

    /// <summary>The other end, for messages; without the port of one that connected, which is another one each time.</summary>
    private string OtherEnd => _target is null ? "the peer" : $"the master at {Description}";

    private IOException Explain(Exception exception)
    {
        if (_stream.SawPlaintext && _target is null)
        {
            _state = State.LastWordsInPlaintext;
            return new TlsRefusedException(
                TlsRefusal.PlaintextPeer, "The peer does not speak TLS, and Tls:Listener is true on this node. Set Tls:Link to true on the replica.", exception);
        }

        if (_stream.SawPlaintext)
        {
            return new TlsRefusedException(
                TlsRefusal.PlaintextPeer,
                $"The master at {Description} does not speak TLS, and Tls:Link is true here. Set Tls:Listener to true on the master, or Tls:Link to false on this node.",
                exception);
        }

        if (_stream.SawTooMuch)
        {
            return new TlsRefusedException(
                TlsRefusal.Handshake, $"The TLS handshake with {OtherEnd} is refused: it sent more than {ConnectionStream.MaxHandshakeBytes} bytes.", exception);
        }

        if (exception is not IOException)
        {
            return new TlsRefusedException(TlsRefusal.Handshake, $"The TLS handshake with {OtherEnd} failed: {Innermost(exception)}.", exception);
        }

        string advice = _target is null ? "" : _stream.SawBytes
            ? " The log of the master says why, if it was the master that ended it."
            : " If it has TLS off, set Tls:Listener to true there, or Tls:Link to false here.";
        return new IOException($"The TLS handshake with {OtherEnd} was not finished: {Innermost(exception)}.{advice}", exception);
    }

    private static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return PeerVerdict.Clean(SocketFailure.Describe(exception));
    }

    private void ThrowIfUnusable()
    {
        if (_state != State.Encrypted)
        {
            throw new IOException($"The connection to {Description} cannot be used: its TLS handshake was not made.");
        }
    }

    private IOException Failure(string what, Exception exception) =>
        exception is IOException { InnerException: null } io ? io : new IOException($"{what} {Description} failed: {Innermost(exception)}.", exception);
}
