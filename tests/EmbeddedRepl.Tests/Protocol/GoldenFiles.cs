using System.Text;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>
/// Recorded bytes, one file of hexadecimal digits per frame or record. They change only on purpose: set the environment variable
/// <c>EMBEDDEDREPL_RECORD_GOLDEN</c> to 1, run these tests once, and give the protocol a new version in the same commit.
/// </summary>
internal static class GoldenFiles
{
    private const string RecordVariable = "EMBEDDEDREPL_RECORD_GOLDEN";
    private const int DigitsPerLine = 64;

    /// <summary>Where the recordings of the snapshot file are.</summary>
    public const string SnapshotFolder = "Replication/Snapshots/Golden";

    private const string ProtocolFolder = "Protocol/Golden";

    public static void Check(string name, byte[] actual, string folder = ProtocolFolder)
    {
        string path = Path.Combine(Folder(folder), name + ".hex");
        if (Environment.GetEnvironmentVariable(RecordVariable) == "1")
        {
            File.WriteAllText(path, Format(actual));
        }

        Assert.True(File.Exists(path), $"There is no recording {path}; {RecordVariable}=1 makes one.");
        byte[] expected = Convert.FromHexString(File.ReadAllText(path).ReplaceLineEndings(string.Empty));
        Assert.True(
            expected.AsSpan().SequenceEqual(actual),
            $"The bytes of '{name}' have changed from\n{Format(expected)}to\n{Format(actual)}"
            + $"If that is on purpose, run the tests once with {RecordVariable}=1 and give the protocol, or the file, a new version.");
    }

    /// <summary>The recorded bytes.</summary>
    public static byte[] Read(string name, string folder = ProtocolFolder) => Convert.FromHexString(File.ReadAllText(Path.Combine(Folder(folder), name + ".hex")).ReplaceLineEndings(string.Empty));

    public static IEnumerable<string> Names() => Directory.EnumerateFiles(Folder(ProtocolFolder), "*.hex").Select(path => Path.GetFileNameWithoutExtension(path)!);

    private static string Folder(string folder) => Path.Combine(RepositoryFolder.FullName, "tests", "EmbeddedRepl.Tests", folder);

    private static string Format(byte[] bytes)
    {
        StringBuilder text = new();
        string digits = Convert.ToHexStringLower(bytes);
        for (int at = 0; at < digits.Length; at += DigitsPerLine)
        {
            text.Append(digits, at, Math.Min(DigitsPerLine, digits.Length - at)).Append('\n');
        }

        return text.ToString();
    }
}
