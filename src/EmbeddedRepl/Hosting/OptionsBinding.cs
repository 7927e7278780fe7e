using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Hosting;

/// <summary>Fills the options from a configuration.</summary>
internal static class OptionsBinding
{
    // Configuration keys do not distinguish case.
    private static readonly HashSet<string> Settings =
        new(typeof(ReplicatedCacheOptions).GetProperties().Select(p => p.Name), StringComparer.OrdinalIgnoreCase);

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
        string[] unknown = [.. section.GetChildren().Where(c => !Settings.Contains(c.Key)).Select(c => c.Path)];
        if (unknown.Length > 0)
        {
            throw new InvalidOperationException(
                $"No setting of a replicated cache: {string.Join(", ", unknown)}. The settings are {string.Join(", ", Settings.Order())}.");
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
}
