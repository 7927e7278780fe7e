using EmbeddedRepl.FaultRun.History;

namespace EmbeddedRepl.Tests.FaultRun;

/// <summary>
/// The checker of the logs of real processes, fed with short histories made by hand: each bad one is red for its own reason, and beside it stands one that differs in
/// what makes it bad only, and is green. Node 0 is the first master, under id <c>a</c>; three nodes in all.
/// </summary>
public sealed class HistoryCheckerTests
{
    private const string Digest = "d1";

    private static readonly string[] Control = ["C 0 3", "S 1 0 1 M", "S 2 1 1 R", "S 3 2 1 R", "M 1 0 -1", "M 2 1 0", "M 3 2 0"];

    private static readonly string[] Set1And2 =
    [
        "L 10 0 1", "H 11 1 a 0",
        "I 100 1 S k1 0", "O 110 1 ok a 50",
        "I 120 2 S k1 0", "O 130 2 ok a 100",
    ];

    [Fact]
    public void History_InWhichEverythingIsAsItMustBe_IsGreen()
    {
        CheckResult result = Check(
            [.. Set1And2, "G 140 150 0 k1 1 a 100 1 a 100 100 2", End(0, "a", 100)],
            [.. Follower(1), "G 140 150 0 k1 1 a 50 1 a 100 50 1", "G 160 170 0 k1 1 a 100 1 a 100 100 2", End(1, "a", 100)]);

        Assert.Empty(result.Violations);
        Assert.Equal((2, 0), (result.Losses.Kept, result.Losses.Lost));
    }

    [Fact]
    public void Read_OfAValueThatNobodyWrote_IsP1() => AssertViolates("P1", [.. Set1And2, "G 140 150 0 k1 1 a 100 1 a 100 100 77"]);

    [Fact]
    public void Read_OfAValueThatIsNotWhole_IsP1() => AssertViolates("P1", [.. Set1And2, "G 140 150 0 k1 1 a 100 1 a 100 100 !"]);

    [Fact]
    public void Read_OfAnotherKeysValue_IsP1() => AssertViolates("P1", [.. Set1And2, "G 140 150 0 k2 1 a 100 1 a 100 100 2"]);

    [Fact]
    public void Read_BeforeItWasWritten_IsP1() => AssertViolates("P1", [.. Set1And2, "G 90 95 0 k1 1 a 0 1 a 100 50 1"]);

    [Fact]
    public void Read_OfAWriteThatWasSaidNotToBe_IsP1() =>
        AssertViolates("P1", [.. Set1And2, "I 131 3 S k1 0", "O 135 3 not", "G 140 150 0 k1 1 a 150 1 a 150 150 3"]);

    [Fact]
    public void Read_OfMoreThanTheNodeHas_IsP1() => AssertViolates("P1", [.. Set1And2], [.. Follower(1), "G 140 150 0 k1 1 a 50 1 a 50 100 2"]);

    [Fact]
    public void Read_OfNothingWhereNobodyRemoved_IsP1() => AssertViolates("P1", [.. Set1And2, "G 140 150 0 k1 1 a 100 1 a 100 - -"]);

    [Theory]
    [InlineData("I 131 3 R k1 0")]
    [InlineData("I 131 3 X * 0")]
    public void Read_OfNothingWhereSomebodyMayHaveRemovedUnheard_IsGreen(string removal) =>
        Assert.Empty(Check([.. Set1And2, removal, "G 140 150 0 k1 1 a 100 1 a 130 - -", End(0, "a", 130)]).Violations);

    [Fact]
    public void Write_ThatIsReadAtTwoPlaces_IsP1() =>
        AssertViolates("P1", [.. Set1And2, "I 131 3 S k1 0", "O 140 3 unknown", "G 150 160 0 k1 1 a 150 1 a 150 150 3", "G 170 180 0 k1 1 a 250 1 a 250 250 3"]);

    [Fact]
    public void Read_OfTheOlderValueWhereTheNewerOneIs_IsP2() => AssertViolates("P2/P3", [.. Set1And2], [.. Follower(1), "G 140 150 0 k1 1 a 100 1 a 100 50 1"]);

    [Fact]
    public void Node_ThatGoesBackWithTheSameData_IsP2() =>
        AssertViolates("P2", [.. Set1And2], [.. Follower(1), "P 140 1 a 100 Replica Streaming d1 1", "P 150 1 a 50 Replica Streaming d0 1"]);

    [Fact]
    public void Node_ThatGoesBackByASwap_IsGreen() => Assert.Empty(Check(
        [.. Set1And2, End(0, "a", 100)],
        [.. Follower(1), "P 140 1 a 100 Replica Streaming d1 1", "P 150 2 a 50 Replica Streaming d0 1", End(1, "a", 100, epoch: 2)]).Violations);

    [Fact]
    public void Node_ThatLeavesTheLineWithTheSameData_IsP2() =>
        AssertViolates("P2", [.. Set1And2], [.. Follower(1), "P 140 1 a 100 Replica Streaming d1 1", "H 145 1 b 120 a:50:P", "H 146 1 b 120 a:50:P"]);

    [Fact]
    public void Node_ThatWritesAndDoesNotReadIt_IsP3() => AssertViolates("P2/P3", [.. Set1And2, "G 140 150 0 k1 1 a 100 1 a 100 50 1"]);

    [Fact]
    public void Token_ThatWasReachedAtANodeThatIsNotThatFar_IsP3() => AssertViolates("P3", [.. Set1And2], [.. Follower(1), "T 140 0 a 100 1 a 50"]);

    [Fact]
    public void Token_OfALineThatTheNodeIsNotOn_IsP3() => AssertViolates("P3", [.. Set1And2], ["L 10 1 1", "H 11 1 b 500 a:50:P", "T 140 0 a 100 1 b 500"]);

    [Fact]
    public void Read_OfWhatWasRemoved_IsP6() =>
        AssertViolates("P6", [.. Set1And2, "I 131 3 R k1 0", "O 135 3 ok a 130"], [.. Follower(1), "G 140 150 0 k1 1 a 130 1 a 130 100 2"]);

    [Fact]
    public void Read_OfWhatWasCleared_IsP6() =>
        AssertViolates("P6", [.. Set1And2, "I 131 3 X * 0", "O 135 3 ok a 130"], [.. Follower(1), "G 140 150 0 k1 1 a 130 1 a 130 100 2"]);

    [Theory]
    [InlineData(1_000_000, false)]
    [InlineData(2_200_000, true)]
    public void Read_OfWhatHasExpired_IsP6(long began, bool isViolation)
    {
        CheckResult result = Check([.. Set1And2, "I 131 3 S e1 2000", "O 135 3 ok a 150", $"G {began} {began + 10} 0 e1 1 a 150 1 a 150 150 3"], Follower(1));

        Assert.Equal(isViolation, result.Violations.Any(violation => violation.Property == "P6"));
    }

    [Fact]
    public void Read_OfNothingWhereSomethingExpires_IsGreen() =>
        Assert.DoesNotContain(Check([.. Set1And2, "I 131 3 S e1 2000", "O 135 3 ok a 150", "G 140 150 0 e1 1 a 150 1 a 150 - -"]).Violations, violation => violation.Property == "P1");

    [Fact]
    public void ComparedWrite_ThatCameAfterAnotherThanItExpected_IsP1() =>
        AssertViolates("P1", [.. Set1And2, "I 131 3 C k1 50", "O 140 3 ok a 150"]);

    [Fact]
    public void ComparedWrite_ThatCameAfterWhatItExpected_IsGreen() =>
        Assert.Empty(Check([.. Set1And2, "I 131 3 C k1 100", "O 140 3 ok a 150", End(0, "a", 150)]).Violations);

    [Fact]
    public void ComparedWrite_ThatExpectedNothingWhereSomethingWas_IsP1() =>
        AssertViolates("P1", [.. Set1And2, "I 131 3 C k1 0", "O 140 3 ok a 150"]);

    [Fact]
    public void Nodes_AtOnePlaceWithDifferentDigests_AreP1() =>
        AssertViolates("P1", [.. Set1And2, "P 140 1 a 100 Master None d1 1"], [.. Follower(1), "P 150 1 a 100 Replica Streaming d2 1"]);

    [Fact]
    public void Nodes_AtOnePlaceUnderTwoNamesWithDifferentDigests_AreP1() =>
        AssertViolates("P1", [.. Set1And2, "P 140 1 a 100 Master None d1 1"], [.. Follower(1), "H 145 1 b 100 a:100:P", "P 150 1 b 100 Master None d2 1"]);

    [Fact]
    public void Nodes_ThatSayDifferentThingsOfOneId_AreP1() =>
        AssertViolates("P1", [.. Set1And2, "H 140 1 b 100 a:100:P"], [.. Follower(1), "H 141 1 b 100 a:90:P"]);

    [Fact]
    public void Nodes_ThatDoNotEndAtOnePlace_AreP5() => AssertViolates("P5", [.. Set1And2, End(0, "a", 100)], [.. Follower(1), "P 9000 1 a 50 Replica Streaming d0 1"]);

    [Fact]
    public void Nodes_ThatEndWithDifferentValues_AreP5() => AssertViolates(
        "P5", [.. Set1And2, "G 500 510 250 k1 1 a 100 1 a 100 100 2", End(0, "a", 100)], [.. Follower(1), "G 500 510 250 k1 1 a 100 1 a 100 50 1", End(1, "a", 100)]);

    [Fact]
    public void Write_ConfirmedAndGoneAlthoughNothingHappened_IsLost() =>
        AssertViolates("lost", [.. Set1And2], [.. Follower(1), "H 300 1 b 50 a:50:P", End(1, "b", 50)]);

    [Fact]
    public void Write_ConfirmedAndBehindTheEndOfEverybody_IsLost() => AssertViolates("lost", [.. Set1And2, End(0, "a", 50)]);

    [Fact]
    public void Write_ThatOnlyTheMasterHadWhenItDied_IsGivenUpAsTheRulesAllow()
    {
        CheckResult result = Check(
            [.. Control, "K 200 0", "D 210 promote 1 a 50 1:a:50 2:a:50"],
            Set1And2,
            [.. Follower(1), "H 300 1 b 50 a:50:P", End(1, "b", 50)]);

        Assert.Empty(result.Violations);
        Assert.Equal(new LossReport(Kept: 1, Extra: 0, Unreplicated: 1, Unreachable: 0, Lost: 0), result.Losses);
    }

    [Fact]
    public void Write_ThatANodeHadThatWasAsked_IsLostIfAnotherWasPromoted() => AssertViolates(
        "lost",
        [.. Control, "K 200 0", "D 210 promote 1 a 50 1:a:50 2:a:100"],
        Set1And2,
        [.. Follower(1), "H 300 1 b 50 a:50:P", End(1, "b", 50)]);

    [Theory]
    [InlineData("c:50", true)]
    [InlineData("c:100", false)]
    public void Write_OnALineThatADecisionWentOnWith_IsLostIfItWentOnFromBehindIt(string chosen, bool isLost)
    {
        // Node 0 came back as master and found two lines: its own, on which node 1 may be further, and that of node 2, which a promotion began. An override goes on with what it has itself.
        CheckResult result = Check(
            [.. Control, "K 200 0", "S 210 0 2 M", $"D 230 override 0 {chosen.Replace(':', ' ')} 0:{chosen} 1:c:100 2:b:60"],
            ["L 10 0 1", "H 11 1 c 20 a:20:R", "I 100 1 S k1 0", "O 110 1 ok c 50", "I 120 2 S k1 0", "O 130 2 ok c 100"],
            ["L 10 1 1", "H 11 1 c 20 a:20:R"],
            ["L 10 2 1", "H 11 1 b 20 a:20:P", "I 40 3 S k2 0", "O 50 3 ok b 60"],
            ["L 220 0 2", $"H 250 1 d {chosen[2..]} {chosen}:R a:20:R", End(0, "d", 100)]);

        Assert.Equal(new LossReport(Kept: isLost ? 1 : 2, Extra: 1, Unreplicated: 0, Unreachable: 0, Lost: isLost ? 1 : 0), result.Losses);
        Assert.Equal(isLost, result.Violations.Any(violation => violation.Property == "lost" && violation.Message.Contains("node 1 had it and was at c:100", StringComparison.Ordinal)));
    }

    [Fact]
    public void Write_ThatWentOnAtADeposedMaster_IsExtra()
    {
        CheckResult result = Check(
            [.. Control, "D 115 promote 1 a 50 1:a:50 2:a:50"],
            Set1And2,
            [.. Follower(1), "H 118 1 b 50 a:50:P", End(1, "b", 50)]);

        Assert.Empty(result.Violations);
        Assert.Equal(new LossReport(Kept: 1, Extra: 1, Unreplicated: 0, Unreachable: 0, Lost: 0), result.Losses);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, true)]
    [InlineData(0, false)]
    public void Write_AcknowledgedByMoreThanWereLost_IsP4(int acknowledged, bool isViolation)
    {
        CheckResult result = Check(
            [.. Control, "K 200 0", "D 210 promote 1 a 50 1:a:50 2:a:50"],
            [.. Set1And2, $"A 135 2 {acknowledged}"],
            [.. Follower(1), "H 300 1 b 50 a:50:P", End(1, "b", 50)]);

        Assert.Equal(isViolation, result.Violations.Any(violation => violation.Property == "P4"));
        Assert.Equal(isViolation ? 1 : 0, result.Losses.Lost);
    }

    [Fact]
    public void Write_AcknowledgedByANodeThatWasKilledMeanwhile_IsGivenUpAsTheRulesAllow()
    {
        CheckResult result = Check(
            [.. Control, "K 200 0", "K 150 2", "S 160 2 2 R", "D 210 promote 1 a 50 1:a:50 2:a:50"],
            [.. Set1And2, "A 135 2 1"],
            [.. Follower(1), "H 300 1 b 50 a:50:P", End(1, "b", 50)]);

        Assert.Empty(result.Violations);
        Assert.Equal(1, result.Losses.Unreachable);
    }

    [Theory]
    [InlineData("M 150 2 1", false)]
    [InlineData("", true)]
    public void Write_AcknowledgedByANodeWhoseDataWasReplaced_IsP4UnlessThatWasOrdered(string order, bool isViolation)
    {
        CheckResult result = Check(
            [.. Control, "K 200 0", order, "D 210 promote 1 a 50 1:a:50 2:a:50"],
            [.. Set1And2, "A 135 2 1"],
            [.. Follower(2), "P 140 1 a 100 Replica Streaming d1 1", "P 160 2 a 50 Replica Streaming d0 1", "P 9000 3 b 50 Replica Streaming d1 1"],
            [.. Follower(1), "H 300 1 b 50 a:50:P", End(1, "b", 50)]);

        Assert.Equal(isViolation, result.Violations.Any(violation => violation.Property == "P4"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("F 150 260 freeze 1", false)]
    [InlineData("M 180 1 2", false)]
    public void Write_ThatAnUntouchedReplicaHad_IsLostIfTheMastersRestartDidNotTakeIt(string reason, bool isLost)
    {
        CheckResult result = Check(
            [.. Control, "K 200 0", "S 210 0 2 M", reason],
            [.. Set1And2],
            [.. Follower(1), "P 190 1 a 100 Replica Streaming d1 1"],
            ["L 220 0 2", "H 250 1 b 50 a:50:R", End(0, "b", 50)],
            ["L 260 1 2", End(1, "b", 50)]);

        Assert.Equal(isLost, result.Losses.Lost == 1);
        Assert.Equal(isLost, result.Violations.Any(violation => violation.Property == "lost"));
    }

    [Fact]
    public void Lineage_OfMoreIdsThanANodeRemembers_IsKnownToItsBeginning()
    {
        var lineage = new Lineage();
        lineage.Learn("a", 1, 0, []);
        lineage.Learn("b", 2, 0, [(new Place("a", 10), 'R')]);
        lineage.Learn("c", 3, 0, [(new Place("b", 20), 'R')]);

        Assert.True(lineage.Contains(new Place("c", 30), new Place("a", 10)));
        Assert.False(lineage.Contains(new Place("c", 30), new Place("a", 11)));
        Assert.Equal(new Place("a", 10), lineage.Normalize(new Place("c", 10)));
        Assert.Equal(new Place("b", 11), lineage.Normalize(new Place("c", 11)));
    }

    private static string[] Follower(int node) => [$"L 10 {node} 1", "H 11 1 a 0"];

    private static string End(int node, string id, long offset, int epoch = 1) => $"P {9000 + node} {epoch} {id} {offset} Replica Streaming {Digest} 1";

    private static CheckResult Check(params string[][] logs)
    {
        var history = new RunHistory();
        if (!logs[0][0].StartsWith('C'))
        {
            history.Add(Control);
        }

        foreach (string[] log in logs)
        {
            history.Add(log);
        }

        return HistoryChecker.Check(history);
    }

    private static void AssertViolates(string property, params string[][] logs)
    {
        CheckResult result = Check(logs);
        Assert.Contains(result.Violations, violation => violation.Property == property);
    }
}
