namespace EmbeddedRepl.TestKit;

/// <summary>What code allocates on the managed heap.</summary>
internal static class AllocatedBytes
{
    private const int Rounds = 10;
    private const int CallsPerRound = 100;

    /// <summary>
    /// Calls something a thousand times, and tells what the most frugal hundred calls allocated, in bytes. The runtime itself allocates now and then on the thread of a program that has just begun, for a class that is
    /// initialised or a method that is compiled anew; what the code itself allocates is in every round.
    /// </summary>
    public static long LeastOf(Action action)
    {
        long least = long.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < CallsPerRound; i++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
