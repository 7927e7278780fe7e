using System.Globalization;
using System.Text;
using EmbeddedRepl.Replication;

namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>
/// What clients of one life of a node did and saw, one line per event, in a file. Each line is handed to the operating system before the call returns, so
/// that nothing of it is lost when the process is killed. Times are those of <see cref="MonotonicClock"/>, places those of <see cref="NodePlace"/>:
/// <list type="bullet">
/// <item><c>L time node life</c>: it began</item>
/// <item><c>H time epoch id offset ancestor:end:P|R …</c>: its line, whenever that has changed, newest ancestor first</item>
/// <item><c>P time epoch id offset role link digest entries</c>: where it stood, now and then</item>
/// <item><c>I time operation S|C|R|D|X key expected</c>: set, compare and set, remove, compare and remove, clear is about to be called; <c>expected</c> is the offset of the version that it expects, and of a set after how many milliseconds it expires; 0 is none</item>
/// <item><c>O time operation outcome id offset</c>: and has ended; without id and offset if it has no place</item>
/// <item><c>A time operation count</c>: that many replicas have acknowledged it</item>
/// <item><c>G time time client key place place version operation</c>: a read between two looks at the place; <c>-</c> for none, <c>!</c> for a value that is not whole</item>
/// <item><c>T time client id offset place</c>: a token was waited for with success, and where the node stood then</item>
/// <item><c>E time</c>: it ended in order</item>
/// </list>
/// Thread-safe.
/// </summary>
internal sealed class OperationLog : IDisposable
{
    private readonly FileStream _file;
    private readonly Lock _gate = new();

    public OperationLog(string path, int node, int life)
    {
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
        Write($"L {MonotonicClock.Now} {node} {life}");
    }

    public void Line(in NodePlace place) => Write($"H {MonotonicClock.Now} {place.Epoch} {place.LineText}");

    public void Place(int epoch, ReplicationInfo info) =>
        Write($"P {MonotonicClock.Now} {epoch} {NodePlace.Short(info.ReplicationId)} {info.ReplicationOffset} {info.Role} {info.LinkState} {info.Digest} {info.EntryCount}");

    public void Invoked(long operation, char kind, string key, long expected) => Write($"I {MonotonicClock.Now} {operation:x} {kind} {key} {expected}");

    public void Ended(long operation, string outcome, StreamPosition? place)
    {
        if (place is { } at)
        {
            Write($"O {MonotonicClock.Now} {operation:x} {outcome} {NodePlace.Short(at.Id)} {at.Offset}");
        }
        else
        {
            Write($"O {MonotonicClock.Now} {operation:x} {outcome}");
        }
    }

    public void Acknowledged(long operation, int count) => Write($"A {MonotonicClock.Now} {operation:x} {count}");

    public void Read(long began, int client, string key, in NodePlace before, in NodePlace after, string version, string value) =>
        Write($"G {began} {MonotonicClock.Now} {client} {key} {before.Text} {after.Text} {version} {value}");

    public void TokenReached(int client, in StreamPosition token, in NodePlace place) =>
        Write($"T {MonotonicClock.Now} {client} {NodePlace.Short(token.Id)} {token.Offset} {place.Text}");

    public void Dispose()
    {
        Write($"E {MonotonicClock.Now}");
        _file.Dispose();
    }

    private void Write(FormattableString line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line.ToString(CultureInfo.InvariantCulture) + "\n");
        lock (_gate)
        {
            _file.Write(bytes);
        }
    }
}
