namespace EmbeddedRepl.Transport.Tls;

/// <summary>Something that happened to certificates while the node runs.</summary>
/// <param name="What">What it is about: a place, as <see cref="CertificateLocation"/> prints it, or a file.</param>
/// <param name="Problem">Why what is there cannot be used, so that the former one stays in use; null if it was taken.</param>
/// <param name="Certificate">The certificate that was taken; null for trusted ones, and with a problem.</param>
internal sealed record TlsNotice(string What, string? Problem, OwnCertificate? Certificate);
