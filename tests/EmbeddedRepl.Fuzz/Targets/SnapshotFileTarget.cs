using System.Buffers.Binary;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Persistence;
using EmbeddedRepl.Protocol;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Replication.Snapshots;
using EmbeddedRepl.Storage;
using EmbeddedRepl.TestKit;
using EmbeddedRepl.TestKit.Core;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>The snapshot file: damaged anywhere, or in one section whose checksum is made right again. What is loaded must be sound, and nothing may be loaded that has a wrong checksum.</summary>
internal sealed class SnapshotFileTarget : IFuzzTarget
{
    private const string Kind = "snapshot file";
    private const int SectionChecksumAt = 16;

    private readonly byte[] _file;
    private readonly CoreNode _reader;
    private readonly MemorySnapshotDisk _disk = new();
    private readonly List<(int At, int Length, bool IsFrame)> _parts = [];
    private readonly InputBuffer _part = new();

    public SnapshotFileTarget()
    {
        var time = new ManualTimeProvider();
        CoreNode master = CoreNode.Master(time);
        for (int i = 0; i < 12; i++)
        {
            master.Set($"key {i}", new byte[i * 10], i % 3 == 0 ? new EntryExpiration(time.GetUtcNow().ToUnixTimeMilliseconds() + 10_000, i % 2 == 0 ? 5_000 : 0, 0) : default);
        }

        int step = 0;
        master.Save(_disk, () => master.Set($"written meanwhile {step++}", new byte[5]));
        _file = _disk[CoreSnapshots.FileName];
        _reader = CoreNode.Master(new ManualTimeProvider());
        FindParts();
    }

    public string Name => "snapshots";

    public int Weight => 100;

    public long AllocationLimit => SessionDriver.PresizedIndex + (64 << 20);

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        bool isSealed = random.OneIn(2);
        if (isSealed)
        {
            MutatePart(input, random);
        }
        else
        {
            input.Add(_file);
            Mutator.Mutate(input, 0, random);
        }

        _disk[CoreSnapshots.FileName] = input.Span.ToArray();
        try
        {
            LoadedSnapshot? loaded = _reader.Read(_disk);
            if (loaded is null)
            {
                throw new FuzzFailedException("The file is said not to be there.");
            }

            Check(loaded, isSealed || input.Span.SequenceEqual(_file));
            loaded.Data.Retire();
            coverage.Count(Kind, "accepted");
        }
        catch (SnapshotFileException exception)
        {
            coverage.Refused(Kind, exception.InnerException?.Message ?? exception.Message);
            coverage.Count(Kind, exception.Problem.ToString());
        }
    }

    private static void Check(LoadedSnapshot loaded, bool mayBeAccepted)
    {
        CacheStore store = loaded.Data.Store;
        if (!mayBeAccepted)
        {
            throw new FuzzFailedException("A file with a wrong checksum was loaded.");
        }

        if (store.Recount(out long count) != store.Digest || count != store.Count)
        {
            throw new FuzzFailedException("What was loaded is not sound.");
        }
    }

    // The sections at both ends have a form of their own; what is between them is frames.
    private void FindParts()
    {
        int at = 0;
        while (at < _file.Length)
        {
            bool isFrame = at > 0 && !_file.AsSpan(at).StartsWith("ERPLTAIL"u8);
            int length = isFrame
                ? FrameHeader.Size + BinaryPrimitives.ReadInt32BigEndian(_file.AsSpan(at))
                : SnapshotFileSection.PrefixSize + BinaryPrimitives.ReadInt32BigEndian(_file.AsSpan(at + 12));
            _parts.Add((at, length, isFrame));
            at += length;
        }
    }

    private void MutatePart(InputBuffer input, FuzzRandom random)
    {
        int chosen = random.Next(_parts.Count);
        for (int i = 0; i < _parts.Count; i++)
        {
            (int at, int length, bool isFrame) = _parts[i];
            ReadOnlySpan<byte> bytes = _file.AsSpan(at, length);
            if (i != chosen)
            {
                input.Add(bytes);
                continue;
            }

            // Now and then a piece is missing, or there twice.
            if (random.OneIn(10))
            {
                for (int j = random.OneIn(2) ? 2 : 0; j > 0; j--)
                {
                    input.Add(bytes);
                }

                continue;
            }

            _part.Clear();
            _part.Add(bytes);
            Mutator.Mutate(_part, isFrame ? FrameHeader.Size : SnapshotFileSection.PrefixSize, random);
            if (isFrame)
            {
                FrameMutator.Seal(_part, fixLength: true);
            }
            else
            {
                SealSection();
            }

            input.Add(_part.Span);
        }
    }

    private void SealSection()
    {
        Span<byte> section = _part.Span;
        BinaryPrimitives.WriteUInt32BigEndian(section[12..], (uint)(section.Length - SnapshotFileSection.PrefixSize));
        BinaryPrimitives.WriteUInt32BigEndian(section[SectionChecksumAt..], ReferenceChecksum.OfBytes(section[..SectionChecksumAt], section[SnapshotFileSection.PrefixSize..]));
    }
}
