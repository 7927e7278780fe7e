using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EmbeddedRepl.Persistence;

/// <summary>Names of snapshot files. Stateless; thread-safe.</summary>
internal static class SnapshotFileName
{
    /// <summary>The longest name, in characters: file systems admit 255 bytes, and other files beside it have longer names.</summary>
    public const int MaxLength = 200;

    private const string Extension = ".snapshot";
    private const int DigestLength = 16;

    /// <summary>The name for a cache. Caches that differ in name by more than case have different files on every file system.</summary>
    public static string For(string cacheName)
    {
        StringBuilder name = new();
        foreach (byte value in Encoding.UTF8.GetBytes(cacheName))
        {
            // A dot is harmless inside of a name, but not in front.
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_' || (value == '.' && name.Length > 0))
            {
                name.Append((char)value);
            }
            else
            {
                name.Append(CultureInfo.InvariantCulture, $"%{value:x2}");
            }
        }

        if (name.Length + Extension.Length > MaxLength)
        {
            string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(cacheName)))[..DigestLength];
            name.Length = MaxLength - Extension.Length - DigestLength - 1;
            name.Append('-').Append(digest);
        }

        return name.Append(Extension).ToString();
    }

    /// <summary>Why a configured name cannot be used, as the end of a sentence; null if it can.</summary>
    public static string? ProblemOf(string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return $"must have 1 to {MaxLength} characters but has {name.Length}";
        }

        return name[0] is '.' or ' ' || name[^1] is '.' or ' ' || name.Any(c => char.IsControl(c) || "/\\:*?\"<>|".Contains(c, StringComparison.Ordinal))
            ? $"must be the name of a file without a directory, but is '{name}'; the directory is SnapshotDirectory"
            : null;
    }
}
