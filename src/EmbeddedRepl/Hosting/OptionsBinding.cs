using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EmbeddedRepl.Hosting;

/// <summary>Fills the options from a configuration.</summary>
internal static class OptionsBinding
{
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

    /// <summary>
    /// Binds a section.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// A value cannot be converted, or a key is unknown: a misspelt <c>Master</c> must not make a master. The message names the key.
    /// </exception>
    public static void Bind(IConfiguration section, ReplicatedCacheOptions options) =>
        section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
}
