using System.Diagnostics;

namespace EmbeddedRepl.Benchmarks.Strangers;

/// <summary>A part of the run in a process of its own: one line asks, one line answers; it ends when its input does.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    public ChildProcess(string verb, params string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(verb);
        Array.ForEach(args, start.ArgumentList.Add);
        _process = Process.Start(start)!;
    }

    public string Ask(string question)
    {
        _process.StandardInput.WriteLine(question);
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The process has ended.");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
