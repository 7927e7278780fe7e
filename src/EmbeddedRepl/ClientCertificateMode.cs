namespace EmbeddedRepl;

/// <summary>Whether a node asks those who connect to it over TLS for a certificate. The names are those of Kestrel.</summary>
public enum ClientCertificateMode
{
    /// <summary>It does not ask.</summary>
    NoCertificate,

    /// <summary>It asks. One that is shown must be valid; a replica that shows none is accepted all the same.</summary>
    AllowCertificate,

    /// <summary>It demands a valid one.</summary>
    RequireCertificate,
}
