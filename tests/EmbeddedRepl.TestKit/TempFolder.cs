namespace EmbeddedRepl.TestKit;

/// <summary>A folder that exists for one test and is removed with everything in it.</summary>
internal sealed class TempFolder : IDisposable
{
    /// <summary>Creates the folder.</summary>
    public TempFolder()
    {
        FullName = Directory.CreateTempSubdirectory("embeddedrepl-").FullName;
    }

    /// <summary>The folder's absolute path.</summary>
    public string FullName { get; }

    /// <summary>The absolute path of a file or folder in it, which need not exist.</summary>
    public string this[string name] => Path.Combine(FullName, name);

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(FullName, recursive: true);
        }
        catch (IOException)
        {
            // A process under test may still hold a file there on systems that lock files; the operating system cleans its temporary folder.
        }
    }
}
