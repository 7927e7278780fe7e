namespace EmbeddedRepl.Tests.Architecture;

/// <summary>Finds the source tree that the tests were built from.</summary>
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

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
