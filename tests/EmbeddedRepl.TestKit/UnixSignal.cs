using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.TestKit;

/// <summary>Freezes, thaws and ends processes. Linux and macOS.</summary>
internal static class UnixSignal
{
    private const int TerminateNumber = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly int StopNumber = OperatingSystem.IsMacOS() ? 17 : 19;
    private static readonly int ContinueNumber = OperatingSystem.IsMacOS() ? 19 : 18;

    /// <summary>Sends SIGSTOP, and on Linux waits until every thread has stopped: the signal alone is only a promise.</summary>
    public static void Stop(int processId)
    {
        Send(processId, StopNumber);
        long start = Stopwatch.GetTimestamp();
        while (OperatingSystem.IsLinux() && Directory.GetDirectories($"/proc/{processId}/task").Any(IsRunning))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException("The process does not stop.");
            }

            Thread.Sleep(1);
        }
    }

    /// <summary>Sends SIGTERM: the process is to end.</summary>
    public static void Terminate(int processId) => Send(processId, TerminateNumber);

    public static void Continue(int processId) => Send(processId, ContinueNumber);

    private static bool IsRunning(string task)
    {
        try
        {
            // The state is the first field behind the name, which stands in parentheses.
            string stat = File.ReadAllText(Path.Combine(task, "stat"));
            return stat[stat.LastIndexOf(')') + 2] is not ('T' or 't' or 'Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Send(int processId, int signal)
    {
        if (Kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Signal {signal} cannot be sent.");
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
