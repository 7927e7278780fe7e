namespace EmbeddedRepl.Tests.Architecture;

/// <summary>Keeps the dependencies between the folders of the library pointing one way, and its public face small.</summary>
public sealed class LayerTests
{
    private const string Root = "(root)";

    /// <summary>What each layer may use besides itself. Storage, Protocol and Transport are leaves; the root has only words that all share.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Storage"] = [Root],
        ["Protocol"] = [Root],
        ["Transport"] = [],
        ["Diagnostics"] = [Root, "Transport"],
        ["Persistence"] = [Root, "Storage", "Protocol", "Diagnostics"],
        ["Replication"] = [Root, "Storage", "Protocol", "Transport", "Persistence", "Diagnostics"],
        ["Facade"] = [Root, "Replication", "Transport", "Diagnostics"],
        ["Hosting"] = [Root, "Facade", "Replication", "Transport", "Persistence", "Diagnostics"],

        // Two public types print themselves with code that lives in Diagnostics.
        [Root] = ["Diagnostics"],
    };

    private static readonly Type[] Types = [.. typeof(IReplicatedCache).Assembly.GetTypes().Where(IsWritten)];

    public static TheoryData<string> Layers() => [.. Allowed.Keys];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Layer_EveryTypeInIt_UsesOnlyWhatItMay(string layer)
    {
        string[] violations =
        [
            .. (from type in Types
                where LayerOf(type) == layer
                from reference in TypeReferences.Of(type)
                where reference.Assembly == type.Assembly && IsWritten(reference)
                let used = LayerOf(reference)
                where used != layer && !Allowed[layer].Contains(used)
                select $"{type} uses {reference}").Distinct(),
        ];

        Assert.True(violations.Length == 0, string.Join(Environment.NewLine, violations));
    }

    [Fact]
    public void Layers_EveryTypeOfTheLibrary_IsInOneThatIsListedHere() => Assert.DoesNotContain(Types, type => !Allowed.ContainsKey(LayerOf(type)));

    [Fact]
    public void Root_EveryTypeInIt_IsPublic() => Assert.DoesNotContain(Types, type => LayerOf(type) == Root && !type.IsVisible && !type.IsNested);

    [Fact]
    public void Library_PublicTypes_AreInTheRootOrRegisterIt()
    {
        string[] registration = ["ReplicatedCacheServiceCollectionExtensions", "IReplicatedCacheBuilder"];

        Assert.DoesNotContain(Types, type => type.IsVisible && LayerOf(type) != Root && !registration.Contains(type.Name));
    }

    [Fact]
    public void Of_MethodThatUsesATypeInItsBodyOnly_FindsIt() => Assert.Contains(typeof(ReplicationId), TypeReferences.Of(typeof(BodyOnly)));

    // What the compiler makes of lambdas and iterators is nested in the type that they were written in, and is checked with it.
    private static bool IsWritten(Type type) => type.Namespace is { } name
        && (name.StartsWith("EmbeddedRepl", StringComparison.Ordinal) || name.StartsWith("Microsoft.Extensions.DependencyInjection", StringComparison.Ordinal));

    private static string LayerOf(Type type)
    {
        string[] parts = type.Namespace!.Split('.');
        return parts[0] != "EmbeddedRepl" ? "Hosting" : parts.Length == 1 ? Root : parts[1];
    }

    private static class BodyOnly
    {
        public static string Print() => ReplicationId.NewId().ToString();
    }
}
