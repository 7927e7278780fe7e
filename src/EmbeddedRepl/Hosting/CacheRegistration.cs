using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EmbeddedRepl.Hosting;

/// <summary>
/// What is known of one cache while services are being registered, and afterwards of where its settings come from. Kept in the service
/// collection itself, so that registering the same cache again finds it. Changed only during registration, by one thread.
/// </summary>
internal sealed class CacheRegistration
{
    private CacheRegistration(string name)
    {
        Name = name;
        Section = name.Length == 0
            ? ReplicatedCacheOptions.SectionName
            : ReplicatedCacheOptions.NamedSectionName + ":" + name;
    }

    /// <summary>The name of the options, and the service key of a keyed cache; empty for the one without a key.</summary>
    public string Name { get; }

    /// <summary>The configuration path that messages name. Where the settings come from code, it is the one that would hold them.</summary>
    public string Section { get; set; }

    /// <summary>Whether the section of the application's configuration is bound already; bound twice, lists would double.</summary>
    public bool IsBoundToApplication { get; set; }

    /// <summary>Configurations besides the application's that the settings come from.</summary>
    public List<IConfiguration> Sources { get; } = [];

    /// <summary>Whether this cache has a service key.</summary>
    public bool IsKeyed => Name.Length > 0;

    /// <summary>Finds the registration of a cache or adds it.</summary>
    /// <param name="services">What is being registered to.</param>
    /// <param name="name">Empty for the cache without a key.</param>
    /// <param name="registration">The registration, old or new.</param>
    /// <returns>Whether it is new, and the services that must exist once have to be added.</returns>
    public static bool Add(IServiceCollection services, string name, out CacheRegistration registration)
    {
        foreach (ServiceDescriptor service in services)
        {
            if (service.ServiceType == typeof(CacheRegistration) && service.IsKeyedService
                && service.KeyedImplementationInstance is CacheRegistration known && known.Name == name)
            {
                registration = known;
                return false;
            }
        }

        registration = new CacheRegistration(name);
        services.AddKeyedSingleton(name, registration);
        return true;
    }
}
