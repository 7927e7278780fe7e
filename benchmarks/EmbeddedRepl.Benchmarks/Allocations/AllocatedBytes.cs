using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace EmbeddedRepl.Benchmarks.Allocations;

/// <summary>What the methods that the microbenchmarks time allocate. Only ours: a baseline is somebody else's.</summary>
internal static class AllocatedBytes
{
    private const int Invocations = 8;
    private const int Rounds = 6;

    /// <summary>All of them.</summary>
    /// <returns>Names, and bytes an operation.</returns>
    public static IEnumerable<(string Name, double Bytes)> OfHotPaths()
    {
        foreach (Type type in typeof(AllocatedBytes).Assembly.GetTypes().Where(type => type.IsDefined(typeof(MemoryDiagnoserAttribute))))
        {
            object instance = Activator.CreateInstance(type)!;
            foreach (MethodInfo method in type.GetMethods())
            {
                if (method.GetCustomAttribute<BenchmarkAttribute>() is { Baseline: false } attribute)
                {
                    yield return ($"{type.Name.Replace("Benchmarks", "", StringComparison.Ordinal)}.{method.Name}", OfMethod(instance, method) / attribute.OperationsPerInvoke);
                }
            }

            (instance as IDisposable)?.Dispose();
        }
    }

    private static double OfMethod(object instance, MethodInfo method)
    {
        if (method.ReturnType == typeof(Task))
        {
            // Nothing here ever waits, so the task is complete when it is returned, and everything was done by this thread.
            var start = method.CreateDelegate<Func<Task>>(instance);
            return Least(() => start().GetAwaiter().GetResult());
        }

        if (method.ReturnType == typeof(void))
        {
            return Least(method.CreateDelegate<Action>(instance));
        }

        return method.ReturnType == typeof(int) ? Least(WithResult<int>(instance, method))
            : method.ReturnType == typeof(uint) ? Least(WithResult<uint>(instance, method))
            : method.ReturnType == typeof(long) ? Least(WithResult<long>(instance, method))
            : Least(WithResult<ulong>(instance, method));
    }

    private static Action WithResult<T>(object instance, MethodInfo method)
    {
        var function = method.CreateDelegate<Func<T>>(instance);
        return () => function();
    }

    /// <summary>The least of some rounds: what a pool allocates now and then because others took from it is not the method's.</summary>
    private static double Least(Action action)
    {
        double least = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Invocations; i++)
            {
                action();
            }

            least = Math.Min(least, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Invocations);
        }

        return least;
    }
}
