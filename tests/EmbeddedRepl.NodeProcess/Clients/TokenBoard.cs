using System.Globalization;
using System.Text;

namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>
/// Where clients of all nodes leave a consistency token for clients of other nodes: a folder with one file per client, overwritten in place, with a checksum, since whoever reads it may
/// read half of it. Files, because processes in network namespaces of their own share nothing else.
/// </summary>
internal sealed class TokenBoard(string folder)
{
    private const int Size = 96;

    public void Post(string name, string token, string key)
    {
        string text = $"{token} {key}";
        byte[] bytes = Encoding.UTF8.GetBytes($"{text} {Sum(text)}".PadRight(Size));
        using FileStream file = new(Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(bytes);
    }

    /// <summary>A token that somebody left, and the key that was written.</summary>
    public (string Token, string Key)? Take(Random random)
    {
        string[] files = Directory.GetFiles(folder);
        if (files.Length == 0)
        {
            return null;
        }

        byte[] bytes = new byte[Size];
        using FileStream file = new(files[random.Next(files.Length)], FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        string[] words = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, Size, throwOnEndOfStream: false)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 3 && words[2] == Sum($"{words[0]} {words[1]}") ? (words[0], words[1]) : null;
    }

    private static string Sum(string text) => text.Aggregate(17u, (sum, c) => (sum * 31) + c).ToString(CultureInfo.InvariantCulture);
}
