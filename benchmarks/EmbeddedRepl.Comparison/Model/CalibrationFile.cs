using System.Text.Json;
using EmbeddedRepl.Comparison.Runner;
using EmbeddedRepl.Comparison.Scenarios.FanOut;

namespace EmbeddedRepl.Comparison.Model;

/// <summary>Takes the calibration of the model from the JSON file of a run (<see cref="ReportJson"/>).</summary>
internal static class CalibrationFile
{
    /// <summary>What the run did not measure keeps its constant; the source says so.</summary>
    /// <exception cref="ArgumentException">The file is none of a run.</exception>
    public static Calibration Read(string file)
    {
        var figures = new Dictionary<string, double>();
        string environment;
        try
        {
            using JsonDocument run = JsonDocument.Parse(File.ReadAllBytes(file));
            environment = run.RootElement.GetProperty("environment").GetString()!;
            foreach (JsonElement figure in run.RootElement.GetProperty("figures").EnumerateArray())
            {
                figures[$"{figure.GetProperty("scenario").GetString()}: {figure.GetProperty("name").GetString()}"] =
                    Spread.Of(figure.GetProperty("ours").EnumerateArray().Where(value => value.ValueKind == JsonValueKind.Number).Select(value => value.GetDouble())).Median;
            }
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or IOException or UnauthorizedAccessException or InvalidOperationException or ArgumentException)
        {
            throw new ArgumentException($"'{file}' is no JSON file of a run: {exception.Message}", exception);
        }

        Calibration constants = Calibration.Constants;
        int found = 0;
        double? Figure(string name)
        {
            bool isThere = figures.TryGetValue(name, out double value);
            found += isThere ? 1 : 0;
            return isThere ? value : null;
        }

        double? first = Figure($"fan-out: {ChainLag.FirstName}");
        double? last = Figure($"fan-out: {ChainLag.LastName}");
        return new Calibration(
            string.Empty,
            WriteNs: Figure("writes: no replica: the master's processor time of a Set") ?? constants.WriteNs,
            SendNs: Figure($"fan-out: {StarCost.SendTimeName}") ?? constants.SendNs,
            ApplyNs: Figure($"fan-out: {RealReplicas.ReplicaName}") ?? constants.ApplyNs,
            RecordOverhead: Figure($"fan-out: {RealReplicas.BytesName}") - CostModel.KeySize - EntryKeys.ValueSize ?? constants.RecordOverhead,
            constants.EntryOverhead,
            constants.SyncEntryNs,
            FirstHopUs: first ?? constants.FirstHopUs,
            HopUs: (last - first) / (ChainLag.Nodes - 2) is { } hop ? Math.Max(0, hop) : constants.HopUs)
        {
            Source = $"{found} figures of {file} ({environment}); the rest is of the constants",
        };
    }
}
