namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>The child's end of a <see cref="ChildProcess"/>: answers line by line until its standard input ends.</summary>
internal static class ChildLoop
{
    public const string Failed = "failed: ";

    /// <summary>What a command answers that has nothing to say.</summary>
    public const string Done = "done";

    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(5);

    /// <param name="answer">Answers the words of a line with a line; what it throws becomes the answer.</param>
    public static int Run(Func<string[], string> answer)
    {
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            try
            {
                Console.WriteLine(answer(line.Split(' ')));
            }
            catch (Exception exception)
            {
                Console.WriteLine(Failed + exception.ToString().ReplaceLineEndings(" "));
            }
        }

        return 0;
    }

    /// <exception cref="TimeoutException">It does not come true in 5 minutes.</exception>
    public static string WaitUntil(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > WaitLimit)
            {
                throw new TimeoutException("What is waited for does not come.");
            }

            Thread.Sleep(1);
        }

        return Done;
    }
}
