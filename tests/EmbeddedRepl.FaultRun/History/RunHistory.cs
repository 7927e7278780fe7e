using System.Globalization;

namespace EmbeddedRepl.FaultRun.History;

/// <summary>Everything that the logs of a run say. The format is that of <c>OperationLog</c> and <c>ControlLog</c>.</summary>
internal sealed class RunHistory
{
    private const int ObserverClient = -1;

    public int Nodes { get; private set; }

    public List<NodeLog> Logs { get; } = [];

    public Dictionary<long, Operation> Operations { get; } = [];

    public List<ReadEvent> Reads { get; } = [];

    public List<TokenEvent> Tokens { get; } = [];

    public Lineage Lineage { get; } = new();

    public List<NodeEnded> Ends { get; } = [];

    public List<NodeStarted> Starts { get; } = [];

    public List<FaultInterval> Faults { get; } = [];

    public List<Decision> Decisions { get; } = [];

    public List<Followed> Followed { get; } = [];

    /// <summary>Reads every log of a folder.</summary>
    public static RunHistory Load(string folder)
    {
        var history = new RunHistory();
        foreach (string file in Directory.GetFiles(folder, "*.log").Order(StringComparer.Ordinal))
        {
            history.Add(File.ReadLines(file));
        }

        return history;
    }

    /// <summary>Adds one log. A last line that was cut by a kill is passed over.</summary>
    public void Add(IEnumerable<string> lines)
    {
        NodeLog? log = null;
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "L":
                    log = new NodeLog(Int(words[2]), Int(words[3]), Long(words[1]));
                    Logs.Add(log);
                    break;
                case "H":
                    NodeSight sight = Sight(words, 2);
                    Lineage.Learn(sight.Place.Id, Long(words[1]), log!.Node, [.. words[5..].Select(Ancestor)]);
                    See(log, ObserverClient, sight);
                    break;
                case "P":
                    log!.Places.Add(new PlaceEvent(log, Long(words[1]), Sight(words, 2), words[5], words[6], words[7], Long(words[8])));
                    See(log, ObserverClient, Sight(words, 2));
                    break;
                case "I":
                    long id = Hex(words[2]);
                    Operations[id] = new Operation { Id = id, Kind = words[3][0], Key = words[4], Expected = Long(words[5]), Invoked = Long(words[1]), Node = log!.Node };
                    break;
                case "O":
                    Operation ended = Operations[Hex(words[2])];
                    (ended.Ended, ended.Outcome) = (Long(words[1]), words[3]);
                    ended.Place = words.Length > 5 ? new Place(words[4], Long(words[5])) : null;
                    break;
                case "A":
                    Operation acknowledged = Operations[Hex(words[2])];
                    (acknowledged.AcknowledgedAt, acknowledged.Acknowledged) = (Long(words[1]), Int(words[3]));
                    break;
                case "G":
                    var read = new ReadEvent(
                        log!,
                        Long(words[1]),
                        Long(words[2]),
                        Int(words[3]),
                        words[4],
                        Sight(words, 5),
                        Sight(words, 8),
                        words[11] == "-" ? null : Long(words[11]),
                        words[12] is "-" or "!" ? null : Hex(words[12]));
                    Reads.Add(read);
                    See(log!, read.Client, read.Before);
                    See(log!, read.Client, read.After);
                    break;
                case "T":
                    Tokens.Add(new TokenEvent(log!, new Place(words[3], Long(words[4])), Sight(words, 5)));
                    break;
                case "C":
                    Nodes = Int(words[2]);
                    break;
                case "K":
                    Ends.Add(new NodeEnded(Long(words[1]), Int(words[2])));
                    break;
                case "S":
                    Starts.Add(new NodeStarted(Long(words[1]), Int(words[2]), Int(words[3]), words[4] == "M"));
                    break;
                case "F":
                    Faults.Add(new FaultInterval(Long(words[1]), Long(words[2]), words[3], [.. words[4].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Int)]));
                    break;
                case "M":
                    Followed.Add(new Followed(Long(words[1]), Int(words[2]), Int(words[3])));
                    break;
                case "D":
                    Decisions.Add(new Decision(
                        Long(words[1]), words[2], Int(words[3]), new Place(words[4], Long(words[5])), [.. words[6..].Select(AnswerOf)]));
                    break;
                default:
                    break;
            }
        }
    }

    private static void See(NodeLog log, int client, NodeSight sight)
    {
        if (!log.Sights.TryGetValue(client, out List<NodeSight>? sights))
        {
            log.Sights[client] = sights = [];
        }

        sights.Add(sight);
    }

    private static NodeSight Sight(string[] words, int from) => new(Int(words[from]), new Place(words[from + 1], Long(words[from + 2])));

    private static Answer AnswerOf(string word)
    {
        string[] parts = word.Split(':');
        return new Answer(Int(parts[0]), new Place(parts[1], Long(parts[2])));
    }

    private static (Place End, char EndedBy) Ancestor(string word)
    {
        string[] parts = word.Split(':');
        return (new Place(parts[0], Long(parts[1])), parts[2][0]);
    }

    private static int Int(string word) => int.Parse(word, CultureInfo.InvariantCulture);

    private static long Long(string word) => long.Parse(word, CultureInfo.InvariantCulture);

    private static long Hex(string word) => long.Parse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
