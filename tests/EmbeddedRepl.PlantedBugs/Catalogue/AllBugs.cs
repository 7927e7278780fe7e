namespace EmbeddedRepl.PlantedBugs.Catalogue;

/// <summary>Every planted bug. Their numbers are their places in this list, from 1 on.</summary>
internal static class AllBugs
{
    public static IReadOnlyList<PlantedBug> List { get; } =
    [
        .. HistoryBugs.List,
        .. StreamBugs.List,
        .. FullSyncBugs.List,
        .. SessionBugs.List,
        .. RoleBugs.List,
        .. WriteBugs.List,
        .. RecoveryBugs.List,
        .. FileBugs.List,
        .. StoreBugs.List,
        .. UnitTestBugs.List.Select(bug => bug with { IsForUnitTests = true }),
    ];
}
