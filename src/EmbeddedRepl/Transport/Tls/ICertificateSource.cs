namespace EmbeddedRepl.Transport.Tls;

/// <summary>Where a node's own certificate comes from. Thread-safe.</summary>
internal interface ICertificateSource
{
    /// <summary>The certificate for a handshake that begins now; reads no file. Never null.</summary>
    /// <exception cref="TlsSettingException">The application selects none, or one that cannot be used.</exception>
    OwnCertificate Current { get; }

    /// <summary>The certificate that was last used or loaded; null if none was yet. Calls no code of the application.</summary>
    OwnCertificate? Known { get; }

    /// <summary>Looks whether it was renewed. Reads files or stores; one thread at a time.</summary>
    /// <returns>What happened that somebody should know; null if nothing did.</returns>
    TlsNotice? Refresh();
}
