namespace EmbeddedRepl.FaultRun.History;

/// <summary>Where a node stood at a moment.</summary>
/// <param name="Epoch">Which of the data sets of this life it served.</param>
/// <param name="Place">How far.</param>
internal readonly record struct NodeSight(int Epoch, Place Place);
