using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Hosting;

public sealed class ReadmeTests
{
    [Fact]
    public void ConfigurationTable_ListsExactlyTheSettingsThatExist()
    {
        string readme = File.ReadAllText(Path.Combine(RepositoryFolder.FullName, "README.md"));
        string section = readme[readme.IndexOf("### Settings", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("### In code", StringComparison.Ordinal)];

        IEnumerable<string> listed = section.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]);

        Assert.Equal(typeof(ReplicatedCacheOptions).GetProperties().Select(p => p.Name).Order(), listed.Order());
    }
}
