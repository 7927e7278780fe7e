using System.Reflection;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>Where the pieces are that a node is started from.</summary>
internal static class ServiceLocation
{
    /// <summary>The <c>dotnet</c> that runs this process, so that nodes run on the same runtime whatever the search path says.</summary>
    public static string DotnetHost { get; } = FindDotnetHost();

    /// <summary>The built service, samples/WebApi.</summary>
    /// <exception cref="FileNotFoundException">It is not where the build said.</exception>
    public static string FindService()
    {
        string relative = typeof(ServiceLocation).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .First(attribute => attribute.Key == "ServicePath").Value!;
        string path = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, relative));
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"The service that the demo starts is not at {path}. Run: dotnet build samples/Cluster");
    }

    private static string FindDotnetHost()
    {
        // The runtime lives in <root>/shared/Microsoft.NETCore.App/<version>/.
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string host = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(host) ? host : "dotnet";
    }
}
