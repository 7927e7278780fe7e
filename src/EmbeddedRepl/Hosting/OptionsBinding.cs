using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Hosting;

/// <summary>Fills the options from a configuration.</summary>
internal static class OptionsBinding
{
    // Configuration keys do not distinguish case.
    private static readonly HashSet<string> Settings = NamesOf(typeof(ReplicatedCacheOptions).GetProperties());
    private static readonly HashSet<string> TlsSettings = NamesOf(typeof(ReplicatedCacheTlsOptions).GetProperties());
    private static readonly HashSet<string> CertificateSettings = NamesOf(typeof(ReplicatedCacheCertificateOptions).GetProperties());

    /// <summary>Binds a section of the application's configuration; does nothing if the application has none.</summary>
    public static ConfigureNamedOptions<ReplicatedCacheOptions> ToApplication(CacheRegistration registration, IConfiguration? application) =>
        new(registration.Name, options =>
        {
            if (application is not null)
            {
                Bind(application.GetSection(registration.Section), options);
            }
        });

    /// <summary>
    /// Finds the settings in what a caller passed: the configuration itself, or its section <c>ReplicatedCache</c> if it has one.
    /// Otherwise whoever passes the whole configuration of the application would get a node that stands alone. From then on messages
    /// name the section that was found.
    /// </summary>
    public static IConfiguration SectionOf(CacheRegistration registration, IConfiguration configuration)
    {
        IConfigurationSection section = configuration.GetSection(registration.Section);
        if (section.Exists())
        {
            registration.Section = section.Path;
            return section;
        }

        if (configuration is IConfigurationSection given)
        {
            registration.Section = given.Path;
        }

        return configuration;
    }

    /// <summary>Binds a section.</summary>
    /// <exception cref="InvalidOperationException">
    /// A value cannot be converted, or a key is unknown: a misspelt <c>Master</c> must not make a master. The message names the key.
    /// </exception>
    public static void Bind(IConfiguration section, ReplicatedCacheOptions options)
    {
        ThrowIfUnknown(section, Settings, "No setting of a replicated cache");
        IConfigurationSection tls = section.GetSection(nameof(options.Tls));
        IConfigurationSection certificate = tls.GetSection(nameof(options.Tls.Certificate));
        ThrowIfUnknown(tls, TlsSettings, "No setting of TLS");
        ThrowIfUnknown(certificate, CertificateSettings, "No setting of a certificate");
        foreach (IConfigurationSection nested in (IConfigurationSection[])[tls, certificate])
        {
            // The binder passes over a value where a section belongs, and the node would speak without TLS.
            if (nested.Value is { Length: > 0 })
            {
                throw new InvalidOperationException($"{nested.Path} must be a section, with settings such as {nested.Path}:{(nested == tls ? nameof(options.Tls.Listener) : nameof(options.Tls.Certificate.Path))}.");
            }
        }

        foreach (string list in (string[])[nameof(options.Listen), nameof(options.AcceptedPasswords)])
        {
            // The binder passes over a single value where a list belongs, and the node would listen somewhere else than it was told.
            if (section[list] is { Length: > 0 })
            {
                throw new InvalidOperationException($"{section.GetSection(list).Path} must be a list: set {section.GetSection(list).Path}:0.");
            }
        }

        section.Bind(options);
    }

    private static HashSet<string> NamesOf(PropertyInfo[] properties) => new(properties.Select(p => p.Name), StringComparer.OrdinalIgnoreCase);

    private static void ThrowIfUnknown(IConfiguration section, HashSet<string> settings, string what)
    {
        string[] unknown = [.. section.GetChildren().Where(c => !settings.Contains(c.Key)).Select(c => c.Path)];
        if (unknown.Length > 0)
        {
            throw new InvalidOperationException($"{what}: {string.Join(", ", unknown)}. The settings are {string.Join(", ", settings.Order())}.");
        }
    }
}
