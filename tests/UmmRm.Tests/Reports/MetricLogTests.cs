using System.Text;
using System.Text.Json;
using UmmRm.Reports;

namespace UmmRm.Tests.Reports;

public sealed class MetricLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("metrics-").FullName;

    private string Lines => Path.Combine(_folder, "metrics.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Write_OneStep_IsOneJsonObjectWithStepTimeStageFirst()
    {
        using (var log = MetricLog.Open(_folder))
            log.Write("reward", 7, [new("loss", 0.6931471805599453), new("num_tokens", 123456789)]);
        using var line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(Lines)));
        Assert.Equal(["step", "time", "stage", "loss", "num_tokens"], line.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(7, line.RootElement.GetProperty("step").GetInt64());
        Assert.Equal("reward", line.RootElement.GetProperty("stage").GetString());
        Assert.Equal(0.6931471805599453, line.RootElement.GetProperty("loss").GetDouble());
        Assert.Equal("123456789", line.RootElement.GetProperty("num_tokens").GetRawText());
        Assert.InRange(DateTimeOffset.UtcNow - line.RootElement.GetProperty("time").GetDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void Write_WhileTheLogIsOpen_IsReadableAtOnceInBothFiles()
    {
        using var log = MetricLog.Open(_folder);
        log.Write("sft", 1, [new("loss", 2)]);
        Assert.Single(MetricLog.Read(Lines));
        Assert.Equal([("sft/loss", 2f)], Events()[^1].Scalars);
    }

    [Fact]
    public void Write_StagesSideBySide_KeepsEveryLineWhole()
    {
        using (var log = MetricLog.Open(_folder))
        {
            Parallel.For(0, 4, stage =>
            {
                log.Rewind($"stage-{stage}", -1);
                for (var step = 1; step <= 50; step++)
                    log.Write($"stage-{stage}", step, [new("loss", stage)]);
            });
        }
        Assert.All(MetricLog.Read(Lines).GroupBy(line => line.Stage), lines => Assert.Equal(Enumerable.Range(1, 50).Select(step => (long)step), lines.Select(line => line.Step)));
        Assert.Equal(200, Events().Sum(e => e.Scalars.Count));
    }

    [Fact]
    public void Write_NotANumberAndInfinities_AreStringsInJsonAndFloatsInTensorBoard()
    {
        using (var log = MetricLog.Open(_folder))
            log.Write("reward", 1, [new("a", double.NaN), new("b", double.PositiveInfinity), new("c", double.NegativeInfinity)]);
        using var line = JsonDocument.Parse(File.ReadAllText(Lines));
        Assert.Equal(["NaN", "Infinity", "-Infinity"], line.RootElement.EnumerateObject().Skip(3).Select(p => p.Value.GetString()));
        float[] expected = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        Assert.Equal(expected, Events()[^1].Scalars.Select(s => s.Value));
        Assert.Equal([double.NaN, double.PositiveInfinity, double.NegativeInfinity], MetricLog.Read(Lines).Single().Metrics.Select(m => m.Value));
    }

    [Fact]
    public void Write_AnyLog_GivesAnEventFileThatTensorBoardReads()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;
        using (var log = MetricLog.Open(_folder))
        {
            log.Write("reward", 1, [new("loss", 0.5), new("accuracy", 0.75)]);
            log.Write("reward", 5_000_000_000, [new("loss", -1e-3)]);
        }
        var events = Events();
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.True(events[1].SessionStart);
        Assert.Equal([("reward/loss", 0.5f), ("reward/accuracy", 0.75f)], events[2].Scalars);
        Assert.Equal(5_000_000_000, events[3].Step);
        Assert.Equal(4, events.Count);
        Assert.All(events, e => Assert.InRange(e.WallTime, before, before + 60));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(EventFile()), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NewLog_EventFileBeginsWithTheBytesOfEveryTensorFlowEventFile()
    {
        MetricLog.Open(_folder).Dispose();
        var bytes = File.ReadAllBytes(EventFile());
        Assert.Equal("1800000000000000A37F4B2209", Convert.ToHexString(bytes[..13]));
        Assert.Equal("\u001a\rbrain.Event:2", Encoding.ASCII.GetString(bytes[21..36]));
    }

    [Fact]
    public void Rewind_StageGoesOnFromASnapshot_EveryStepStandsOnceAndOtherStagesStay()
    {
        using (var log = MetricLog.Open(_folder))
        {
            log.Write("sft", 1, [new("loss", 10)]);
            log.Write("sft", 2, [new("loss", 11)]);
            for (var step = 1; step <= 6; step++)
                log.Write("reward", step, [new("loss", step)]);
        }
        var times = MetricLog.Read(Lines).Select(line => line.Time).ToList();
        using (var log = MetricLog.Open(_folder))
        {
            log.Rewind("reward", 4);
            log.Write("reward", 5, [new("loss", 50)]);
            log.Write("reward", 6, [new("loss", 60)]);
        }
        (string, long, double)[] expected = [("sft", 1, 10), ("sft", 2, 11), ("reward", 1, 1), ("reward", 2, 2), ("reward", 3, 3), ("reward", 4, 4), ("reward", 5, 50), ("reward", 6, 60)];
        Assert.Equal(expected, MetricLog.Read(Lines).Select(line => (line.Stage, line.Step, line.Metrics.Single().Value)));
        Assert.Equal(expected.Select(e => ($"{e.Item1}/loss", (float)e.Item3)), Events().Skip(2).SelectMany(e => e.Scalars));
        Assert.Equal(times.Take(6), MetricLog.Read(Lines).Take(6).Select(line => line.Time));
    }

    [Fact]
    public void Open_LastLineCutByACrash_IsDroppedAndTheLogGoesOn()
    {
        using (var log = MetricLog.Open(_folder))
            log.Write("sft", 1, [new("loss", 1)]);
        File.AppendAllText(Lines, """{"step":2,"time":"2025-""");
        using (var log = MetricLog.Open(_folder))
            log.Write("sft", 2, [new("loss", 2)]);
        Assert.Equal([1L, 2L], MetricLog.Read(Lines).Select(line => line.Step));
        Assert.Equal(2, File.ReadAllLines(Lines).Length);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"step":1,"stage":"sft"}""")]
    [InlineData("""{"step":"1","time":"2025-01-01T00:00:00.000Z","stage":"sft"}""")]
    [InlineData("""{"step":1,"time":"yesterday","stage":"sft"}""")]
    [InlineData("""{"step":1,"time":"2025-01-01T00:00:00.000Z","stage":null}""")]
    [InlineData("""{"step":1,"time":"2025-01-01T00:00:00.000Z","stage":"sft","loss":[1]}""")]
    public void Open_WholeLineThatIsNotOurs_IsRefusedWithFileAndLineAndLeftAlone(string line)
    {
        var content = $$"""{"step":1,"time":"2025-01-01T00:00:00.000Z","stage":"sft"}""" + $"\n{line}\n";
        File.WriteAllText(Lines, content);
        var error = Assert.Throws<InvalidDataException>(() => MetricLog.Open(_folder));
        Assert.Contains("metrics.jsonl:2", error.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(Lines));
    }

    [Fact]
    public void Write_StepThatGoesBack_IsRefusedAndAnEqualOneIsNot()
    {
        using var log = MetricLog.Open(_folder);
        log.Write("sft", 3, [new("loss", 1)]);
        log.Write("sft", 3, [new("eval_loss", 1)]);
        log.Write("reward", 1, [new("loss", 1)]);
        Assert.Throws<ArgumentException>(() => log.Write("sft", 2, [new("loss", 1)]));
    }

    [Fact]
    public void Write_StepThatGoesBackAfterReopening_IsRefused()
    {
        using (var log = MetricLog.Open(_folder))
            log.Write("sft", 3, [new("loss", 1)]);
        using var reopened = MetricLog.Open(_folder);
        Assert.Throws<ArgumentException>(() => reopened.Write("sft", 2, [new("loss", 1)]));
    }

    [Theory]
    [InlineData("step")]
    [InlineData("time")]
    [InlineData("stage")]
    [InlineData("loss")]
    public void Write_NameThatIsTaken_IsRefused(string name)
    {
        using var log = MetricLog.Open(_folder);
        Assert.Throws<ArgumentException>(() => log.Write("sft", 1, [new("loss", 1), new(name, 2)]));
        Assert.Empty(File.ReadAllBytes(Lines));
    }

    private string EventFile() => Assert.Single(Directory.GetFiles(_folder, "events.out.tfevents.*"));

    private List<ReadEvent> Events() => EventFileReader.Read(EventFile());
}
