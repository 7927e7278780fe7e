using System.Security.Authentication;
using System.Security.Cryptography;

namespace EmbeddedRepl.Transport.Tls;

/// <summary>
/// Files whose content makes one thing. Changes are noticed by content, never by times or events: a renewal that replaces a symbolic link, as those of Kubernetes do,
/// or a file on a network share, shows like any other.
/// </summary>
/// <typeparam name="T">What is made of them.</typeparam>
/// <remarks>
/// What cannot be used leaves the former thing in use, and is told when it lasts: see <see cref="LastingProblem"/>.
/// </remarks>
internal sealed class WatchedFiles<T>
    where T : class
{
    /// <summary>Beyond it a file holds no certificate.</summary>
    public const int MaxFileSize = 1 << 20;

    private readonly string[] _settings;
    private readonly string[] _paths;
    private readonly Func<byte[][], T> _make;
    private readonly LastingProblem _problem = new();
    private string _loaded;
    private T _current;

    /// <summary>Reads the files.</summary>
    /// <param name="files">For each file, the setting that names it and its path.</param>
    /// <param name="make">Makes the thing of the contents.</param>
    /// <exception cref="TlsSettingException">They cannot be read or used.</exception>
    public WatchedFiles((string Setting, string Path)[] files, Func<byte[][], T> make)
    {
        _settings = [.. files.Select(file => file.Setting)];
        _paths = [.. files.Select(file => file.Path)];
        _make = make;
        byte[][] contents = Read();
        _current = Make(contents);
        _loaded = Signature(contents);
    }

    /// <summary>What was last made of them. Any thread.</summary>
    public T Current => Volatile.Read(ref _current);

    /// <summary>Looks at the files. One thread at a time.</summary>
    /// <param name="problem">Why what is there cannot be used, if that is to be told now.</param>
    /// <returns>Whether there is something new in <see cref="Current"/>.</returns>
    public bool Refresh(out string? problem)
    {
        problem = null;
        string? signature = null;
        try
        {
            byte[][] contents = Read();
            signature = Signature(contents);
            bool isNew = signature != _loaded;
            if (isNew)
            {
                Volatile.Write(ref _current, Make(contents));
                _loaded = signature;
            }

            _problem.Clear();
            return isNew;
        }
        catch (TlsSettingException exception)
        {
            if (_problem.IsToBeTold(signature ?? exception.Message))
            {
                problem = exception.Message;
            }

            return false;
        }
    }

    private static string Signature(byte[][] contents) => string.Join(' ', contents.Select(content => Convert.ToHexString(SHA256.HashData(content))));

    private byte[][] Read()
    {
        byte[][] contents = new byte[_paths.Length][];
        for (int i = 0; i < _paths.Length; i++)
        {
            contents[i] = Read(_settings[i], _paths[i]);
        }

        return contents;
    }

    private static byte[] Read(string setting, string path)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxFileSize)
            {
                throw new TlsSettingException(setting, $"'{path}' has {file.Length} bytes, more than {MaxFileSize}: it is no certificate");
            }

            byte[] content = new byte[file.Length];
            file.ReadExactly(content);
            return content;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException && exception is not TlsSettingException)
        {
            throw new TlsSettingException(setting, $"'{path}' cannot be read: {exception.Message}", exception);
        }
    }

    private T Make(byte[][] contents)
    {
        try
        {
            return _make(contents);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or FormatException or NotSupportedException or InvalidOperationException or AuthenticationException)
        {
            throw new TlsSettingException(_settings[0], $"'{string.Join("', '", _paths)}' cannot be used: {exception.Message}", exception);
        }
    }
}
