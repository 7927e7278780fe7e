using System.Runtime.CompilerServices;

namespace EmbeddedRepl.Tests.Storage;

/// <summary>Reads the lines of a test-vector file that lies beside the tests.</summary>
internal static class VectorFile
{
    public static IEnumerable<string[]> Read(string name, [CallerFilePath] string callerPath = "")
    {
        string path = Path.Combine(Path.GetDirectoryName(callerPath)!, name);
        return File.ReadLines(path).Where(line => !line.StartsWith('#')).Select(line => line.Split(' '));
    }
}
