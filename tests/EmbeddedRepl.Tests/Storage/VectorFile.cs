using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>Reads the lines of a test-vector file that lies beside the tests.</summary>
internal static class VectorFile
{
    public static IEnumerable<string[]> Read(string name)
    {
        string path = Path.Combine(RepositoryFolder.FullName, "tests", "EmbeddedRepl.Tests", "Storage", name);
        return File.ReadLines(path).Where(line => !line.StartsWith('#')).Select(line => line.Split(' '));
    }
}
