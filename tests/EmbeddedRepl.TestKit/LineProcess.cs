using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EmbeddedRepl.TestKit;

/// <summary>
/// A .NET program in a process of its own that answers each line of its input with one line, and logs to its error stream. It can be frozen, thawed and killed.
/// Not thread-safe: one caller at a time.
/// </summary>
internal sealed class LineProcess : IDisposable
{
    private readonly Process _process;
    private readonly BlockingCollection<string> _answers = [];
    private readonly ConcurrentQueue<string> _log = [];
    private readonly Thread _logReader;
    private int _unanswered;

    /// <summary>Starts it.</summary>
    /// <param name="program">Path of the program's DLL.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="prefix">A command that starts it elsewhere and becomes it, such as <c>ip netns exec NAME</c>; empty for none.</param>
    public LineProcess(string program, IEnumerable<string> arguments, params string[] prefix)
    {
        string[] command = [.. prefix, Host, "exec", program, .. arguments];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        Read(_process.StandardOutput, _answers.Add, _answers.CompleteAdding);
        _logReader = Read(_process.StandardError, _log.Enqueue, static () => { });
    }

    /// <summary>The same runtime as this process, whatever the machine calls its host.</summary>
    public static string Host =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>The process.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended, by itself or not.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Whether a line waits to be taken.</summary>
    public bool HasAnswer => _answers.Count > 0;

    /// <summary>Whether it is stopped by <see cref="Freeze"/>.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>What it wrote to its error stream so far.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Gives it a line and waits for the answer; answers that earlier calls did not wait for are passed over.</summary>
    /// <exception cref="TimeoutException">It has ended, or did not answer in time.</exception>
    public string Ask(string line, TimeSpan limit)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException exception)
        {
            throw new TimeoutException($"The process has ended before '{line}'.\n{Log}", exception);
        }

        return Answer(line, limit);
    }

    /// <summary>Waits for a line.</summary>
    /// <param name="question">What it answers, for the message of a failure.</param>
    /// <param name="limit">How long to wait.</param>
    /// <exception cref="TimeoutException">It has ended, or did not answer in time.</exception>
    public string Answer(string question, TimeSpan limit)
    {
        _unanswered++;
        string? answer = null;
        while (_unanswered > 0 && _answers.TryTake(out answer, limit))
        {
            _unanswered--;
        }

        if (_unanswered == 0)
        {
            return answer!;
        }

        if (_answers.IsCompleted)
        {
            _logReader.Join(limit);
        }

        throw new TimeoutException($"The process gave no answer to '{question}'.\n{Log}");
    }

    /// <summary>Stops the process where it stands (SIGSTOP) and returns when it does not run any more.</summary>
    public void Freeze()
    {
        UnixSignal.Stop(Id);
        IsFrozen = true;
    }

    /// <summary>Lets it go on (SIGCONT).</summary>
    public void Thaw()
    {
        UnixSignal.Continue(Id);
        IsFrozen = false;
    }

    /// <summary>Ends it without a warning (SIGKILL).</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
        IsFrozen = false;
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public void WaitForExit() => _process.WaitForExit();

    /// <inheritdoc cref="WaitForExit()"/>
    /// <returns>Whether it has.</returns>
    public bool WaitForExit(TimeSpan limit) => _process.WaitForExit(limit);

    /// <summary>Ends it, if it has not.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
        _answers.Dispose();
    }

    private static Thread Read(StreamReader reader, Action<string> take, Action end)
    {
        // Not by the thread pool: other tests of the same run block that.
        Thread thread = new(() =>
        {
            try
            {
                while (reader.ReadLine() is { } line)
                {
                    take(line);
                }

                // Whoever waits for an answer of a process that has ended hears of it at once.
                end();
            }
            catch (Exception exception) when (exception is ObjectDisposedException or IOException or InvalidOperationException)
            {
                // Whoever started it has disposed of it.
            }
        })
        { IsBackground = true, Name = "process reader" };
        thread.Start();
        return thread;
    }
}
