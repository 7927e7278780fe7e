namespace EmbeddedRepl.FaultRun.History;

/// <summary>A node was killed, or stopped in order, at this time at the earliest.</summary>
internal sealed record NodeEnded(long Time, int Node);

/// <summary>A node was started; <paramref name="IsMaster"/> is how.</summary>
internal sealed record NodeStarted(long Time, int Node, int Life, bool IsMaster);

/// <summary>Something was done to these nodes or their links in this time.</summary>
internal sealed record FaultInterval(long From, long To, string Kind, int[] Nodes);

/// <summary>Where a node said that it stands, when the operator asked.</summary>
internal sealed record Answer(int Node, Place Place);

/// <summary>The operator promoted a node, or let a master go on with what it has, having asked all that could be reached.</summary>
/// <param name="Time">When it began to ask.</param>
/// <param name="Kind">promote or override.</param>
/// <param name="Node">Which node goes on.</param>
/// <param name="Chosen">Where that one stood.</param>
/// <param name="Answers">Where all stood that answered, that one included.</param>
internal sealed record Decision(long Time, string Kind, int Node, Place Chosen, Answer[] Answers);

/// <summary>A node was told to follow another one; -1 for none.</summary>
internal sealed record Followed(long Time, int Node, int Master);
