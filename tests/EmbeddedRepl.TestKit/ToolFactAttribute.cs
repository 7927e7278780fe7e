using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using Xunit;

namespace EmbeddedRepl.TestKit;

/// <summary>
/// A test that needs a program from outside of .NET. Where the program is missing the test is skipped with a reason; but with the environment
/// variable <c>CI</c> set to <c>true</c> it runs all the same, and fails, because CI has to install what the tests need.
/// </summary>
internal sealed class ToolFactAttribute : FactAttribute
{
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(30);
    private static readonly ConcurrentDictionary<string, bool> Known = new();

    /// <summary>Looks for the program.</summary>
    /// <param name="tool">The program's name or path.</param>
    /// <param name="probeArguments">Arguments with which it ends with exit code 0 if it is fit for the test, such as <c>-c "import msgpack"</c>.</param>
    public ToolFactAttribute(string tool, params string[] probeArguments)
    {
        Tool = tool;
        ProbeArguments = probeArguments;
        if (!IsDemanded(Environment.GetEnvironmentVariable("CI")) && !IsAvailable(tool, probeArguments))
        {
            Skip = $"Needs a working '{tool} {string.Join(' ', probeArguments)}'.";
        }
    }

    /// <summary>The program's name or path.</summary>
    public string Tool { get; }

    /// <summary>What it was tried with.</summary>
    public string[] ProbeArguments { get; }

    /// <summary>Whether a missing tool is a failure, given the value of the variable <c>CI</c>.</summary>
    internal static bool IsDemanded(string? ci) => string.Equals(ci, "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the program can be started and ends with exit code 0; asked once per process.</summary>
    internal static bool IsAvailable(string tool, params string[] arguments) =>
        Known.GetOrAdd($"{tool}\0{string.Join('\0', arguments)}", _ => Probe(tool, arguments));

    private static bool Probe(string tool, string[] arguments)
    {
        ProcessStartInfo start = new(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            process.OutputDataReceived += static (_, _) => { };
            process.ErrorDataReceived += static (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (process.WaitForExit(ProbeLimit))
            {
                return process.ExitCode == 0;
            }

            process.Kill();
            return false;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
