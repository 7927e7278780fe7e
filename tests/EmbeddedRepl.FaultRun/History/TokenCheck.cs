namespace EmbeddedRepl.FaultRun.History;

/// <summary>P3: a node that said that it has what a token stands for has it. What is read there then is checked as every read.</summary>
internal static class TokenCheck
{
    public static void Run(RunHistory history, List<Violation> violations)
    {
        foreach (TokenEvent token in history.Tokens)
        {
            // A swap to other data between the answer and the look would be an honest reason; the line of the look then is another one than that of the life before.
            if (!history.Lineage.Contains(token.Now.Place, token.Token) && !WasSwapped(token))
            {
                violations.Add(new Violation("P3", $"node {token.Log.Node}, life {token.Log.Life} said that it has {token.Token} and stood at {token.Now.Place}"));
            }
        }
    }

    private static bool WasSwapped(TokenEvent token) =>
        token.Now.Epoch > 1 && token.Log.Sights.Values.Any(sights => sights.Exists(sight => sight.Epoch < token.Now.Epoch && sight.Place.Id == token.Token.Id));
}
