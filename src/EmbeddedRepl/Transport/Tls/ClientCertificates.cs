namespace EmbeddedRepl.Transport.Tls;

/// <summary>What a listener asks of those who connect.</summary>
internal enum ClientCertificates
{
    /// <summary>It does not ask.</summary>
    None,

    /// <summary>It asks, and one that is shown must be valid; none is as good.</summary>
    Accepted,

    /// <summary>It demands a valid one.</summary>
    Required,
}
