using System.Reflection;
using EmbeddedRepl.Simulation.Engine;

namespace EmbeddedRepl.Tests.Simulation;

public class SituationCatalogueTests
{
    [Fact]
    public void All_EverySituation_IsListedOnceAndSaysWhatItMeans()
    {
        Situation[] declared = [.. typeof(SituationCatalogue).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(Situation)).Select(field => (Situation)field.GetValue(null)!)];

        Assert.True(declared.Length >= 60, $"{declared.Length} situations are declared.");
        Assert.Equal(declared, SituationCatalogue.All);
        Assert.Equal(declared.Length, declared.Select(situation => situation.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.All(declared, situation => Assert.NotEmpty(situation.Meaning));
    }

    [Fact]
    public void MissingAfter_ManySeedsAndOneSituationTooRare_NamesIt()
    {
        var situations = new Situations();
        foreach (Situation situation in SituationCatalogue.All)
        {
            long times = situation == SituationCatalogue.Cycle ? SituationCatalogue.Least - 1 : SituationCatalogue.Least;
            for (long i = 0; i < times; i++)
            {
                situations.Count(situation);
            }
        }

        Assert.Equal([SituationCatalogue.Cycle], situations.MissingAfter(SituationCatalogue.SeedsForAll));
        Assert.Empty(situations.MissingAfter(SituationCatalogue.SeedsForAll - 1));
    }
}
