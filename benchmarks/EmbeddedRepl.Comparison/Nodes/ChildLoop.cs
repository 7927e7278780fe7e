namespace EmbeddedRepl.Comparison.Nodes;

/// <summary>The child's end of a <see cref="ChildProcess"/>: answers line by line until its standard input ends.</summary>
internal static class ChildLoop
{
    public const string Failed = "failed: ";

    /// <summary>What a command answers that has nothing to say.</summary>
    public const string Done = "done";

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
}
