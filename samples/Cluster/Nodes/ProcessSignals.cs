using System.ComponentModel;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.Samples.Cluster.Nodes;

/// <summary>The signals that .NET's <c>Process</c> cannot send. Not available on Windows.</summary>
internal static class ProcessSignals
{
    private const int SigKill = 9;
    private const int SigTerm = 15;

    /// <summary>Whether this system has signals.</summary>
    public static bool AreSupported => !OperatingSystem.IsWindows();

    // The two numbers that differ between Linux and the BSDs, macOS among them.
    private static int SigStop => OperatingSystem.IsLinux() ? 19 : 17;

    private static int SigCont => OperatingSystem.IsLinux() ? 18 : 19;

    /// <summary>Stops all threads of a process where they are; it keeps its memory and its connections.</summary>
    public static void Freeze(int processId) => Send(processId, SigStop);

    /// <summary>Lets a frozen process go on.</summary>
    public static void Thaw(int processId) => Send(processId, SigCont);

    /// <summary>Asks a process to stop in its own time.</summary>
    public static void Terminate(int processId) => Send(processId, SigTerm);

    /// <summary>Ends a process, frozen or not, at once. Does nothing if it has already ended.</summary>
    public static void Kill(int processId) => _ = Kill(processId, SigKill);

    private static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Signal {signal} could not be sent to process {processId}.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
