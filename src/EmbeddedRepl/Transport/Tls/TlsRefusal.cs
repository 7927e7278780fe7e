namespace EmbeddedRepl.Transport.Tls;

/// <summary>Why a TLS handshake was refused on this side.</summary>
internal enum TlsRefusal
{
    /// <summary>The other end does not speak TLS.</summary>
    PlaintextPeer,

    /// <summary>The other end's certificate, or the lack of one.</summary>
    Certificate,

    /// <summary>The two could not agree, or the other end broke the rules of TLS.</summary>
    Handshake,
}
