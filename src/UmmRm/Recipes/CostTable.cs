using UmmRm.Reports;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>What each stage of a run cost: its model's parameters, seconds, tokens a second, and the memory that was estimated for it.</summary>
internal static class CostTable
{
    private static readonly HashSet<string> WithModel = ["init", "sft", "reward", "upcycle", "merge", "average", "ppo"];

    /// <summary>Where in its folder a stage's model lies.</summary>
    private static readonly string[] Places = ["", "final", "model"];

    /// <summary>A row a stage that has begun.</summary>
    public static ReportTable Of(RunFolder run)
    {
        var table = new ResultTable([new TableColumn("stage"), new TableColumn("kind"), Number("parameters"), Number("seconds"), Number("tokens/s"), Number("memory")]);
        var tokens = Tokens(run);
        var memory = Memory(run);
        foreach (var (name, stage) in run.Record.Stages.Where(stage => stage.Value.Seconds is not null))
        {
            table.Add(
                name, stage.Kind,
                WithModel.Contains(stage.Kind) && Parameters(run, name) is { } parameters ? TableCell.Count(parameters) : TableCell.Missing,
                TableCell.Number(stage.Seconds!.Value, 1),
                tokens.TryGetValue(name, out var count) && stage.Seconds > 0 ? TableCell.Count((long)(count / stage.Seconds.Value)) : TableCell.Missing,
                memory.TryGetValue(name, out var bytes) && bytes > 0 ? new TableCell(ByteSize.Text(bytes), bytes) : TableCell.Missing);
        }
        table.Add("all", "", TableCell.Missing, TableCell.Number(run.Record.Stages.Values.Sum(stage => stage.Seconds ?? 0), 1), TableCell.Missing, run.Record.EstimatedMemory is { } peak ? new TableCell(ByteSize.Text(peak), peak) : TableCell.Missing);
        return new ReportTable("costs", "Parameters, time, memory", "Seconds of the run that did the stage, stopped attempts included; stages that ran side by side shared the machine. Tokens are those of training steps over the stage's whole time, "
            + "for ppo those of the responses. Memory is what was estimated before the run.", table);
    }

    private static TableColumn Number(string title) => new(title, RightAligned: true);

    private static long? Parameters(RunFolder run, string stage)
    {
        var folder = Places.Select(part => Path.Combine(run.Path, stage, part)).FirstOrDefault(path => File.Exists(Path.Combine(path, "config.json")));
        if (folder is null)
            return null;
        var config = HuggingFaceConfig.Read(folder);
        return ParameterCount.Of(config.Model, run.Record.Stages[stage].Kind is not ("init" or "sft" or "ppo")).Total;
    }

    /// <summary>Tokens of all steps, by stage. The log is another's who may be writing it: what is not whole is left out.</summary>
    private static Dictionary<string, double> Tokens(RunFolder run)
    {
        var path = Path.Combine(run.Path, MetricLog.FileName);
        try
        {
            return !File.Exists(path) ? [] : MetricLog.Read(path).GroupBy(line => line.Stage)
                .ToDictionary(lines => lines.Key, lines => lines.Sum(line => line.Metrics.FirstOrDefault(metric => metric.Key == "num_tokens").Value));
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return []; // some systems let nobody read what another process writes
        }
    }

    private static Dictionary<string, long> Memory(RunFolder run)
    {
        try
        {
            return run.Recipe is null ? [] : MemoryEstimate.Of(run.Recipe).Stages.Where(stage => stage.Unknown is null).ToDictionary(stage => stage.Stage, stage => stage.Bytes);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return []; // a model outside the run has gone
        }
    }
}
