namespace EmbeddedRepl.Transport.Tls;

/// <summary>What a node shows its own certificate for.</summary>
[Flags]
internal enum CertificateUse
{
    None = 0,

    /// <summary>To a master that asks for one.</summary>
    Link = 1,

    /// <summary>To replicas. Weighs more: a replica always looks at it, a master only when it was told to ask.</summary>
    Listener = 2,
}
