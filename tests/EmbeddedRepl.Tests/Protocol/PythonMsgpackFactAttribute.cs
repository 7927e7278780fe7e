using System.Diagnostics;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Protocol;

/// <summary>
/// A test that needs Python with the package <c>msgpack</c> (Debian: <c>apt-get install python3-msgpack</c>). It is skipped where that is missing,
/// unless the environment variable CI is true: there it runs, and fails.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonMsgpackFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Interpreter = new(Find);

    public PythonMsgpackFactAttribute()
    {
        if (Interpreter.Value is null && !ToolFactAttribute.IsDemanded(Environment.GetEnvironmentVariable("CI")))
        {
            Skip = "Python with the package msgpack is not installed (apt-get install python3-msgpack).";
        }
    }

    /// <summary>Runs a script with text as its input, and returns what it prints.</summary>
    public static string Run(string script, string input)
    {
        Assert.True(Interpreter.Value is not null, "Python with the package msgpack is not installed (apt-get install python3-msgpack).");
        using Process process = Start(Interpreter.Value, script);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        Assert.True(Ended(process), "Python does not end.");
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Result;
    }

    private static string? Find()
    {
        // The distribution's interpreter has the distribution's packages, another one that comes first on the path may not.
        foreach (string interpreter in new[] { "/usr/bin/python3", "python3", "python" })
        {
            try
            {
                using Process process = Start(interpreter, "import msgpack; msgpack.packb(1)");
                process.StandardInput.Close();
                if (Ended(process) && process.ExitCode == 0)
                {
                    return interpreter;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // There is no such program; the next one may do.
            }
        }

        return null;
    }

    private static bool Ended(Process process)
    {
        if (process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            return true;
        }

        process.Kill();
        return false;
    }

    private static Process Start(string interpreter, string script)
    {
        ProcessStartInfo start = new(interpreter) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(script);
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        return Process.Start(start)!;
    }
}
