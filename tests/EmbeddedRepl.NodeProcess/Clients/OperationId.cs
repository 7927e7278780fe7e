namespace EmbeddedRepl.NodeProcess.Clients;

/// <summary>Names one operation of a run: which node, in which of its lives, which client there, and which of that client's operations.</summary>
internal static class OperationId
{
    public static long Of(int node, int life, int client, int number) => ((long)node << 52) | ((long)life << 40) | ((long)client << 32) | (uint)number;

    public static int NodeOf(long operation) => (int)(operation >> 52);
}
