namespace EmbeddedRepl.Tests.Hosting;

public sealed class ReadmeTests
{
    [Fact]
    public void ConfigurationTable_ListsExactlyTheSettingsThatExist()
    {
        string readme = File.ReadAllText(Path.Combine(RepositoryRoot(), "README.md"));
        string section = readme[readme.IndexOf("### Settings", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("### In code", StringComparison.Ordinal)];

        IEnumerable<string> listed = section.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]);

        Assert.Equal(typeof(ReplicatedCacheOptions).GetProperties().Select(p => p.Name).Order(), listed.Order());
    }

    private static string RepositoryRoot()
    {
        // Not from the path of this file: a deterministic build does not know where it was.
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EmbeddedRepl.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
