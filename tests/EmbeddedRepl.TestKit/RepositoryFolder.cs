namespace EmbeddedRepl.TestKit;

/// <summary>
/// The source tree that a program was built from. Found from its output folder upwards: a deterministic build does not know where its sources were.
/// </summary>
internal static class RepositoryFolder
{
    /// <summary>The absolute path of the folder with the solution file.</summary>
    public static string FullName { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "EmbeddedRepl.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("This program does not run inside the repository: no folder above it has EmbeddedRepl.sln.");
    }
}
