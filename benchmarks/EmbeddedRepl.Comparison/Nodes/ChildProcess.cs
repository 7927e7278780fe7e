using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>This program in another process, for one of its verbs: one line asks, one line answers. It ends with this object. <see cref="ChildLoop"/> is the other end.</summary>
internal class ChildProcess : IDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromMinutes(10);

    private readonly Process _process;

    /// <summary>Starts one; returns when it is ready to be asked.</summary>
    /// <param name="verb">What it is.</param>
    /// <param name="arguments">What comes after the verb.</param>
    public ChildProcess(string verb, params string[] arguments)
    {
        ProcessStartInfo start = OfThisProgram([verb, .. arguments]);
        start.RedirectStandardInput = true;
        _process = Process.Start(start)!;
        Answer();
    }

    public int Id => _process.Id;

    public TimeSpan ProcessorTime => ProcessStatus.ProcessorTime(Id);

    public long ResidentBytes => ProcessStatus.ResidentBytes(Id);

    /// <summary>How this program is started once more. Its standard output is for who starts it.</summary>
    public static ProcessStartInfo OfThisProgram(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        }

        Array.ForEach(arguments, start.ArgumentList.Add);
        return start;
    }

    /// <summary>Asks anything that the other end knows.</summary>
    /// <exception cref="InvalidOperationException">The process has ended, or the command failed there.</exception>
    /// <exception cref="TimeoutException">There is no answer in 10 minutes.</exception>
    public string Ask(string command)
    {
        Begin(command);
        return Answer();
    }

    /// <summary>Lets it begin with something that takes a while. Nothing else can be asked before <see cref="Answer"/>.</summary>
    public void Begin(string command) => _process.StandardInput.WriteLine(command);

    /// <summary>Waits for the answer to what was begun.</summary>
    /// <exception cref="InvalidOperationException">The process has ended, or the command failed there.</exception>
    /// <exception cref="TimeoutException">There is no answer in 10 minutes.</exception>
    public string Answer()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(AnswerLimit))
        {
            throw new TimeoutException($"Process {Id} does not answer.");
        }

        string answer = line.Result ?? throw new InvalidOperationException($"Process {Id} has ended.");
        return answer.StartsWith(ChildLoop.Failed, StringComparison.Ordinal) ? throw new InvalidOperationException(answer) : answer;
    }

    /// <summary>The answer to what was begun, as numbers.</summary>
    public double[] Numbers() => [.. Answer().Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(StopLimit))
        {
            _process.Kill();
        }

        _process.WaitForExit();
        _process.Dispose();
    }
}
