namespace EmbeddedRepl.FaultRun.History;

/// <summary>
/// P1, what is read was written: finds the operation of every value that was read and the place where it is, also of those whose callers were not told. One operation is at one place: two
/// places mean that it was applied twice.
/// </summary>
internal static class PlaceFinder
{
    public static void Run(RunHistory history, List<Violation> violations)
    {
        foreach (Operation operation in history.Operations.Values)
        {
            operation.Place = operation.Place is { } place ? history.Lineage.Normalize(place) : null;
        }

        foreach (ReadEvent read in history.Reads)
        {
            if (read.Version is not { } version)
            {
                continue;
            }

            if (read.Value is not { } value)
            {
                violations.Add(new Violation("P1", $"{read}: the value is not whole, or another key's"));
            }
            else if (!history.Operations.TryGetValue(value, out Operation? operation))
            {
                violations.Add(new Violation("P1", $"{read}: nobody wrote that"));
            }
            else if (!operation.IsSet || operation.Key != read.Key)
            {
                violations.Add(new Violation("P1", $"{read}: that is {operation}"));
            }
            else if (operation.Invoked > read.Ended)
            {
                violations.Add(new Violation("P1", $"{read}: it was read before it was written, {operation}"));
            }
            else if (operation.IsDenied)
            {
                violations.Add(new Violation("P1", $"{read}: its caller was told that nothing was written, {operation}"));
            }
            else if (read.Before.Epoch == read.After.Epoch)
            {
                Place place = history.Lineage.Normalize(read.After.Place with { Offset = version });
                operation.Place ??= place;
                if (operation.Place != place)
                {
                    violations.Add(new Violation("P1", $"{read}: it was read at {place} and is at another place, {operation}"));
                }
            }
        }
    }
}
