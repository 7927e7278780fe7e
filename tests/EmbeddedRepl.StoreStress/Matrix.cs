using System.Diagnostics;
using System.Globalization;

namespace EmbeddedRepl.StoreStress;

/// <summary>Runs this program again under each setting of the runtime that changes how code is compiled, how memory is collected, or which instructions are used; the time is shared among them.</summary>
internal static class Matrix
{
    private static readonly (string Name, int? Threads, (string Key, string Value)[] Variables)[] Settings =
    [
        ("as it is", null, []),
        ("1 reader", 1, []),
        ("8 readers", 8, []),
        ("server GC", null, [("DOTNET_gcServer", "1")]),
        ("concurrent GC off", null, [("DOTNET_gcConcurrent", "0")]),
        ("small generation 0, all collections compact", null, [("DOTNET_GCgen0size", "40000"), ("DOTNET_gcForceCompact", "1")]),
        ("GC stress (checked runtimes only)", null, [("DOTNET_GCStress", "3")]),
        ("tiered compilation off", null, [("DOTNET_TieredCompilation", "0")]),
        ("tiered PGO off", null, [("DOTNET_TieredPGO", "0")]),
        ("only quick code", null, [("DOTNET_TC_QuickJitForLoops", "1"), ("DOTNET_TC_BackgroundWorkerTimeoutMs", "0"), ("DOTNET_TC_CallCountThreshold", "7FFFFFFF")]),
        ("ReadyToRun off", null, [("DOTNET_ReadyToRun", "0")]),
        ("no AVX2", null, [("DOTNET_EnableAVX2", "0")]),
        ("no hardware intrinsics", null, [("DOTNET_EnableHWIntrinsic", "0")]),
    ];

    public static int Run(StressOptions options, TextWriter output)
    {
        int failed = 0;
        double seconds = options.Seconds / Settings.Length;
        foreach ((string name, int? threads, (string Key, string Value)[] variables) in Settings)
        {
            string printed = Start(options with { Seconds = seconds, Threads = threads ?? options.Threads }, variables, out int code);
            string[] lines = printed.TrimEnd().Split('\n');
            output.WriteLine($"{(code == 0 ? "ok    " : "FAILED")} {name,-45} {lines[0]}; {(lines.Length > 1 ? lines[^2] : "")}");
            if (code != 0)
            {
                failed++;
                output.WriteLine(printed);
            }
        }

        output.WriteLine($"{Settings.Length - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    private static string Start(StressOptions options, (string Key, string Value)[] variables, out int code)
    {
        // Started as a library by the host, or as a program of its own.
        string program = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (isHost)
        {
            start.ArgumentList.Add(typeof(Matrix).Assembly.Location);
        }

        foreach ((string name, double value) in new[] { ("--seconds", options.Seconds), ("--seed", options.Seed), ("--threads", options.Threads) })
        {
            start.ArgumentList.Add(name);
            start.ArgumentList.Add(value.ToString(CultureInfo.InvariantCulture));
        }

        foreach ((string key, string value) in variables)
        {
            start.Environment[key] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        code = process.ExitCode;
        return code == 0 ? printed : printed + errors.GetAwaiter().GetResult();
    }
}
