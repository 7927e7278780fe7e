using System.Diagnostics;
using EmbeddedRepl.Comparison.Runner;

namespace EmbeddedRepl.Comparison.Scenarios.Reads;

/// <summary>Measures one way to read.</summary>
internal abstract class ReadContender(string name)
{
    protected const int BufferSize = 256;

    public string Name { get; } = name;

    /// <summary>A contender that reads with one reader in each thread.</summary>
    public static ReadContender Of<TReader>(string name, params TReader[] readers)
        where TReader : struct, IReader => new Typed<TReader>(name, readers);

    /// <summary>Reads all keys once in each of some threads.</summary>
    /// <returns>Nanoseconds that a read took its thread.</returns>
    /// <exception cref="WrongResultException">A value was missing.</exception>
    public abstract double Nanoseconds(string[] keys, int threads);

    /// <summary>Bytes that a read allocates in its thread.</summary>
    public abstract double AllocatedBytes(string[] keys);

    /// <summary>Reads each key and compares the value.</summary>
    /// <exception cref="WrongResultException">A value is not the one that was written.</exception>
    public abstract void Verify(int[] numbers);

    private sealed class Typed<TReader>(string name, TReader[] readers) : ReadContender(name)
        where TReader : struct, IReader
    {
        private readonly byte[][] _buffers = [.. readers.Select(_ => new byte[BufferSize])];

        public override double Nanoseconds(string[] keys, int threads)
        {
            long bytes = 0;
            Thread[] others = [.. Enumerable.Range(1, threads - 1).Select(i => new Thread(() => Interlocked.Add(ref bytes, ReadAll(i, keys))))];
            long start = Stopwatch.GetTimestamp();
            Array.ForEach(others, thread => thread.Start());
            long own = ReadAll(0, keys);
            Array.ForEach(others, thread => thread.Join());
            TimeSpan took = Stopwatch.GetElapsedTime(start);
            ScenarioContext.Require(own + bytes == (long)threads * keys.Length * EntryKeys.ValueSize, $"{Name}: a value was missing.");
            return took.TotalNanoseconds / keys.Length;
        }

        public override double AllocatedBytes(string[] keys)
        {
            ReadAll(0, keys);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ReadAll(0, keys);
            return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)keys.Length;
        }

        public override void Verify(int[] numbers)
        {
            foreach (TReader reader in readers)
            {
                foreach (int number in numbers)
                {
                    ScenarioContext.Require(EntryValues.IsOf(number, reader.Read(EntryKeys.Create(number), _buffers[0])), $"{Name}: the value of a key is not the one that was written.");
                }
            }
        }

        private long ReadAll(int thread, string[] keys)
        {
            TReader reader = readers[thread];
            byte[] buffer = _buffers[thread];
            long bytes = 0;
            foreach (string key in keys)
            {
                bytes += reader.Read(key, buffer).Length;
            }

            return bytes;
        }
    }
}
