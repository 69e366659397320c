using UmmRm.Reports;
using UmmRm.Weights;

namespace UmmRm.Recipes;

/// <summary>What each stage of a run cost: its model's parameters, seconds, tokens a second, the memory that was seen while it ran and the memory that was estimated for it.</summary>
internal static class CostTable
{
    private static readonly HashSet<string> WithModel = ["init", "sft", "reward", "upcycle", "merge", "average", "ppo"];

    /// <summary>Where in its folder a stage's model lies.</summary>
    private static readonly string[] Places = ["", "final", "model"];

    /// <summary>A row a stage that has begun.</summary>
    public static ReportTable Of(RunFolder run)
    {
        var table = new ResultTable([new TableColumn("stage"), new TableColumn("kind"), Number("parameters"), Number("seconds"), Number("tokens/s"), Number("memory seen"), Number("estimated")]);
        var tokens = Tokens(run);
        var memory = Memory(run);
        foreach (var (name, stage) in run.Record.Stages.Where(stage => stage.Value.Seconds is not null))
        {
            table.Add(
                name, stage.Kind,
                Parameters(run, name) is { } parameters ? TableCell.Count(parameters) : TableCell.Missing,
                TableCell.Number(stage.Seconds!.Value, 1),
                tokens.TryGetValue(name, out var count) && count > 0 && stage.Seconds > 0 ? TableCell.Count((long)(count / stage.Seconds.Value)) : TableCell.Missing,
                Bytes(stage.PeakMemory), Bytes(memory.TryGetValue(name, out var bytes) ? bytes : null));
        }
        var stages = run.Record.Stages.Values;
        table.Add("all", "", TableCell.Missing, TableCell.Number(stages.Sum(stage => stage.Seconds ?? 0), 1), TableCell.Missing, Bytes(stages.Max(stage => stage.PeakMemory)), Bytes(run.Record.EstimatedMemory));
        return new ReportTable("costs", "Parameters, time, memory", $"Of seed {run.Record.Seed}. Parameters of the model that a stage makes, of an ensemble those of all members. Seconds of the run that did the stage, stopped attempts included; stages that ran side by side shared the machine. "
            + "Tokens are those of training steps over the stage's whole time, for ppo those of the responses. Memory seen is the most that the whole process held while the stage ran (resident set, ten looks a second): runtime, libraries and stages side by side included, a graphics card's memory not. "
            + "Estimated is what the stage alone was expected to need.", table);
    }

    private static TableCell Bytes(long? bytes) => bytes is > 0 and { } some ? new TableCell(ByteSize.Text(some), some) : TableCell.Missing;

    private static TableColumn Number(string title) => new(title, RightAligned: true);

    private static long? Parameters(RunFolder run, string stage)
    {
        var kind = run.Record.Stages.TryGetValue(stage, out var status) ? status.Kind : "";
        if (run.Recipe?.Stages.FirstOrDefault(s => s.Name == stage) is EnsembleStage ensemble)
            return ensemble.Models.Select(member => Parameters(run, member.Target)).Aggregate((long?)0, (sum, member) => sum + member);
        var folder = Places.Select(part => Path.Combine(run.Path, stage, part)).FirstOrDefault(path => File.Exists(Path.Combine(path, "config.json")));
        return WithModel.Contains(kind) && folder is not null ? ParameterCount.Of(HuggingFaceConfig.Read(folder).Model, kind is not ("init" or "sft" or "ppo")).Total : null;
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
