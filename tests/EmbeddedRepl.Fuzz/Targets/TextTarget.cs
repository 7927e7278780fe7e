using System.Text;
using EmbeddedRepl.Facade;
using EmbeddedRepl.Fuzz.Generation;
using EmbeddedRepl.Fuzz.Oracles;
using EmbeddedRepl.Replication;
using EmbeddedRepl.Transport;

namespace EmbeddedRepl.Fuzz.Targets;

/// <summary>Text from configuration, cookies and headers: endpoints, consistency tokens, versions of entries. What is accepted is the same when it is printed and parsed again.</summary>
internal sealed class TextTarget : IFuzzTarget
{
    private static readonly string[] EndPoints = ["host:6390", "*:6390", "[::1]:6390", "127.0.0.1:0", "0.0.0.0:65535", "::1", "localhost", "größe.example:1", "[fe80::1%eth0]:6390", "a.b-c.d:70000"];

    public string Name => "text";

    public int Weight => 500;

    public long AllocationLimit => 256 << 10;

    public void Run(FuzzRandom random, InputBuffer input, Coverage coverage)
    {
        int which = random.Next(3);
        string valid = which switch
        {
            0 => EndPoints[random.Next(EndPoints.Length)],
            1 => ConsistencyToken.Print(new StreamPosition(FrameKinds.Id(random), random.NonNegative())),
            _ => new EntryVersion(random.NonNegative(), random.Next64()).ToString(),
        };
        string text = Mutate(valid, random);
        input.Add(Encoding.UTF8.GetBytes(text));
        bool isAccepted = which switch
        {
            0 => EndPoint(text),
            1 => Token(text),
            _ => Version(text),
        };
        coverage.Count(which switch { 0 => "text endpoint", 1 => "text token", _ => "text version" }, isAccepted ? "accepted" : "refused");
    }

    private static bool EndPoint(string text)
    {
        if (!HostEndPoint.TryParse(text, out HostEndPoint parsed, out string? reason))
        {
            return string.IsNullOrEmpty(reason) ? throw new FuzzFailedException("An endpoint is refused without a reason.") : false;
        }

        if (!HostEndPoint.TryParse(parsed.ToString(), out HostEndPoint again, out _) || again != parsed)
        {
            throw new FuzzFailedException($"'{text}' was accepted as '{parsed}', which is parsed as '{again}'.");
        }

        _ = (parsed.ProblemAsTarget(), parsed.Reaches(again), parsed.IsAnyHost);
        return true;
    }

    private static bool Token(string text)
    {
        if (!ConsistencyToken.TryParse(text, out StreamPosition position, out string? problem))
        {
            return string.IsNullOrEmpty(problem) ? throw new FuzzFailedException("A token is refused without a reason.") : false;
        }

        if (!ConsistencyToken.TryParse(ConsistencyToken.Print(position), out StreamPosition again, out _) || again != position || position.Offset < 0)
        {
            throw new FuzzFailedException($"The token '{text}' is another one when it is printed and parsed again.");
        }

        return true;
    }

    private static bool Version(string text)
    {
        if (!EntryVersion.TryParse(text, out EntryVersion version))
        {
            return false;
        }

        if (!EntryVersion.TryParse(version.ToString(), out EntryVersion again) || again != version)
        {
            throw new FuzzFailedException($"The version '{text}' is another one when it is printed and parsed again.");
        }

        return true;
    }

    private static string Mutate(string text, FuzzRandom random)
    {
        var characters = new StringBuilder(text);
        for (int i = random.Next(4); i > 0 && characters.Length > 0; i--)
        {
            int at = random.Next(characters.Length);
            switch (random.Next(6))
            {
                case 0:
                    characters[at] = (char)random.Next(128);
                    break;
                case 1:
                    characters[at] = (char)random.Next(0x10000);
                    break;
                case 2:
                    characters.Insert(at, "[]:.%-_=/+0 9"[random.Next(13)]);
                    break;
                case 3:
                    characters.Remove(at, 1);
                    break;
                case 4:
                    characters.Length = at;
                    break;
                default:
                    characters.Insert(at, new string(characters[at], random.OneIn(8) ? 300 : 1));
                    break;
            }
        }

        return characters.ToString();
    }
}
