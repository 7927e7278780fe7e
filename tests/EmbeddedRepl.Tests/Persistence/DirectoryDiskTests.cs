using EmbeddedRepl.Persistence;
using EmbeddedRepl.TestKit;

namespace EmbeddedRepl.Tests.Persistence;

public sealed class DirectoryDiskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DirectoryDisk _disk;

    public DirectoryDiskTests() => _disk = new DirectoryDisk(_folder["new"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TryLock_Twice_IsHeldOnceAndFreeAfterwards()
    {
        using (IDisposable? first = _disk.TryLock("lock"))
        {
            Assert.NotNull(first);
            Assert.Null(_disk.TryLock("lock"));
            using IDisposable? other = _disk.TryLock("other");
            Assert.NotNull(other);
        }

        using IDisposable? again = _disk.TryLock("lock");
        Assert.NotNull(again);
    }

    [Fact]
    public void Files_WrittenRenamedAndFlushed_AreReadBack()
    {
        using IDisposable? held = _disk.TryLock("lock");
        using (ISnapshotFile old = _disk.Create("name"))
        {
            old.Append([9, 9, 9]);
        }

        using (ISnapshotFile written = _disk.Create("aside"))
        {
            written.Append([1, 2]);
            written.Append([3, 4]);
            written.Flush();
        }

        _disk.Rename("aside", "name");
        _disk.FlushDirectory();

        Assert.Equal(["lock", "name"], _disk.List().Order(StringComparer.Ordinal));
        using (ISnapshotFile read = _disk.OpenRead("name")!)
        {
            byte[] bytes = new byte[10];
            Assert.Equal(4, read.Length);
            Assert.Equal(4, read.Read(bytes));
            Assert.Equal([1, 2, 3, 4], bytes[..4]);
            Assert.Equal(0, read.Read(bytes));
        }

        _disk.Delete("name");
        Assert.Null(_disk.OpenRead("name"));
    }

    [Fact]
    public void Open_DirectoryIsAFile_SaysWhichAndWhy()
    {
        File.WriteAllText(_folder["new"], "in the way");
        using var folder = new SnapshotFolder(_disk, "a.snapshot", "writer");

        SnapshotFileException error = Assert.Throws<SnapshotFileException>(() => folder.Open());

        Assert.Equal(SnapshotFileProblem.Unusable, error.Problem);
        Assert.Contains(_folder["new"], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FlushDirectory_ThatIsGone_Fails()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Throws<IOException>(() => _disk.FlushDirectory());
    }

    [Fact]
    public void PutAside_AsOftenAsAllowed_NeverReplacesAFile()
    {
        var disk = new MemorySnapshotDisk();
        using var folder = new SnapshotFolder(disk, "a", "writer");
        for (byte i = 1; i <= SnapshotFolder.MaxDamaged; i++)
        {
            disk["a"] = [i];
            Assert.EndsWith($"a.damaged-{i}", folder.PutAside(), StringComparison.Ordinal);
        }

        disk["a"] = [99];
        Assert.Equal(SnapshotFileProblem.Unusable, Assert.Throws<SnapshotFileException>(() => folder.PutAside()).Problem);
        Assert.Equal([99], disk["a"]);
        Assert.Equal([1], disk["a.damaged-1"]);
    }
}
