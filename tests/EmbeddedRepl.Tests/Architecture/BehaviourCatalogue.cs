namespace EmbeddedRepl.Tests.Architecture;

/// <summary>Every behaviour that the project promises, and the issue in which it becomes true. The scenarios are in <c>tests/README.md</c>.</summary>
internal static class BehaviourCatalogue
{
    /// <summary>Issues that are not resolved. When one is, it is removed here, and from then on each of its rows needs a test.</summary>
    public static readonly int[] OpenIssues = [2, 3, 4, 5];

    private static readonly (int Issue, string Ids)[] ByIssue =
    [
        (2, "A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A17 A19 B1 B2 B3 B5 B7 B9 B12 B15 D6 E1 E2 E3 E4 E5 F1 F2 F3 F4 F5 F8 F9 G1 G2 G4 G5 I4 I6"),
        (3, "A14 A15 A18 B4 B6 B8 B10 B11 B13 B14 C1 C2 C3 C4 C5 C6 C7 D1 D2 D3 D4 D5 D7 D8 D9 D10 D11 D12 D13 D14 E8 E9 E10 G3 G6 G7 H1 H2 H3 H4 H5 H6 H7 I1 I2 I3 I5"),
        (4, "A16 E6 E7 E11 E12 G8 J1 J2 J3 J4 J5 J6 J7 K1 K2 K3 K4 K5 L1 L2 L3 L4 L5 M1 M2 M3 M4 M5 N1 N2 N3 N4 N6 N7 N8 N9 N10 N11 N12 N13 N14 P1 P2 P3 P4 P5 Q1 Q2 Q3 Q4 Q5 Q6 Q7 Q8 Q9 Q10 Q11 Q12 Q13 R1"),
        (5, "F6 F7 F10"),
    ];

    /// <summary>Issue by row id.</summary>
    public static IReadOnlyDictionary<string, int> Issues { get; } = ByIssue
        .SelectMany(group => group.Ids.Split(' ').Select(id => (Id: id, group.Issue)))
        .ToDictionary(row => row.Id, row => row.Issue);
}
