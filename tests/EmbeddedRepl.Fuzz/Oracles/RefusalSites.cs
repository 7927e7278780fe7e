using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using EmbeddedRepl.Protocol;

namespace EmbeddedRepl.Fuzz.Oracles;

/// <summary>
/// Every place in the library that refuses what a peer sent, found in the compiled library itself: each creation of a <see cref="ProtocolException"/>, known by the longest piece of text in its message.
/// So a new reason that no input reaches is noticed without anybody having to enter it into a list.
/// </summary>
internal sealed class RefusalSites
{
    private const int LastByteOfTwo = 0xFE;

    private readonly List<Site> _sites;

    // The exact text of most messages comes again and again.
    private readonly Dictionary<string, Site?> _known = [];

    private RefusalSites(List<Site> sites) => _sites = sites;

    public IReadOnlyList<(string Method, string Text, long Count)> All => [.. _sites.Select(site => (site.Method, site.Text, site.Count))];

    public static RefusalSites Find()
    {
        using var file = new PEReader(File.OpenRead(typeof(ProtocolException).Assembly.Location));
        MetadataReader metadata = file.GetMetadataReader();
        Dictionary<int, OperandType> operands = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value, code => code.OperandType);
        HashSet<int> constructors = [.. metadata.MethodDefinitions
            .Where(handle => IsConstructor(metadata, metadata.GetMethodDefinition(handle))).Select(handle => MetadataTokens.GetToken(handle))];
        List<Site> sites = [];
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress != 0 && !constructors.Contains(MetadataTokens.GetToken(handle)))
            {
                string name = metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name) + "." + metadata.GetString(method.Name);
                sites.AddRange(SitesOf(name, file.GetMethodBody(method.RelativeVirtualAddress).GetILReader(), metadata, operands, constructors));
            }
        }

        return new RefusalSites([.. sites.DistinctBy(site => site.Text).OrderByDescending(site => site.Text.Length)]);
    }

    /// <summary>A message was seen.</summary>
    public void Reached(string message)
    {
        if (!_known.TryGetValue(message, out Site? site))
        {
            site = _sites.Find(candidate => message.Contains(candidate.Text, StringComparison.Ordinal));
            if (_known.Count < 100_000)
            {
                _known.Add(message, site);
            }
        }

        if (site is not null)
        {
            site.Count++;
        }
    }

    private static bool IsConstructor(MetadataReader metadata, MethodDefinition method) =>
        metadata.GetString(method.Name) == ".ctor" && metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name) == nameof(ProtocolException);

    private static List<Site> SitesOf(string method, BlobReader code, MetadataReader metadata, Dictionary<int, OperandType> operands, HashSet<int> constructors)
    {
        List<Site> sites = [];
        string text = "";
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            if (value == LastByteOfTwo)
            {
                value = (value << 8) | code.ReadByte();
            }

            OperandType operand = operands[value];
            switch (operand)
            {
                case OperandType.InlineString:
                    string literal = metadata.GetUserString((UserStringHandle)MetadataTokens.Handle(code.ReadInt32()));
                    text = literal.Length > text.Length ? literal : text;
                    break;
                case OperandType.InlineMethod:
                    int token = code.ReadInt32();
                    if (value == OpCodes.Newobj.Value && constructors.Contains(token))
                    {
                        if (text.Length > 0)
                        {
                            sites.Add(new Site(method, text));
                        }

                        text = "";
                    }

                    break;
                case OperandType.InlineSwitch:
                    int targets = code.ReadInt32();
                    code.Offset += targets * sizeof(int);
                    break;
                default:
                    code.Offset += SizeOf(operand);
                    break;
            }

            if (value == OpCodes.Throw.Value || value == OpCodes.Ret.Value)
            {
                text = "";
            }
        }

        return sites;
    }

    private static int SizeOf(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    private sealed class Site(string method, string text)
    {
        public string Method => method;

        public string Text => text;

        public long Count { get; set; }
    }
}
