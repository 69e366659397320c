using UmmRm.Cli;
using UmmRm.Reports;

namespace UmmRm.Tests.Cli;

public sealed class ProgressLineTests
{
    [Fact]
    public void Report_NobodyWatches_IsAPlainLineEveryTenSecondsAndOneAtTheEnd()
    {
        var (lines, report) = Listen(watched: false);
        for (var second = 0; second <= 30; second++)
            report(second, new ProgressReport("reward", 10 * second, 300, "steps", "loss .612"));
        Assert.Equal(
            """
            reward  100/300 steps  33 %  10.0 steps/s  0:20 left  loss .612
            reward  200/300 steps  66 %  10.0 steps/s  0:10 left  loss .612
            reward: 300 steps in 0:30 (10.0 steps/s)

            """, lines());
    }

    [Fact]
    public void Report_WorkOfLessThanASecond_IsSilent()
    {
        var (lines, report) = Listen(watched: true);
        report(0, new ProgressReport("merge", 0, 2, "layers"));
        report(0.4, new ProgressReport("merge", 1, 2, "layers"));
        report(0.9, new ProgressReport("merge", 2, 2, "layers"));
        Assert.Equal("", lines());
    }

    [Fact]
    public void Report_Quiet_IsSilent()
    {
        var (lines, report) = Listen(watched: true, Verbosity.Quiet);
        report(0, new ProgressReport("reward", 0, 10, "steps"));
        report(60, new ProgressReport("reward", 10, 10, "steps"));
        Assert.Equal("", lines());
    }

    [Fact]
    public void Report_SomebodyWatches_RewritesOneLineAtMostTenTimesASecond()
    {
        var (lines, report) = Listen(watched: true);
        for (var tick = 0; tick < 150; tick++)
            report(tick / 100.0, new ProgressReport("reward", tick, 1000, "steps"));
        var shown = lines().Split("\r\e[2K", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(5, shown.Length); // at 1.0, 1.1, 1.2, 1.3 and 1.4 seconds
        Assert.DoesNotContain('\n', lines());
        Assert.Equal("reward  100/1,000 steps  10 %  100 steps/s  0:09 left", shown[0]);
    }

    [Fact]
    public void Report_LongDetail_IsCutToTheScreen()
    {
        var (lines, report) = Listen(watched: true);
        report(0, new ProgressReport("reward", 0, 10, "steps"));
        report(2, new ProgressReport("reward", 1, 10, "steps", new string('x', 200)));
        Assert.Equal(79, lines().Replace("\r\e[2K", "", StringComparison.Ordinal).Length);
    }

    [Fact]
    public void Report_RunThatGoesOn_MeasuresItsOwnStepsAlone()
    {
        var (lines, report) = Listen(watched: false);
        report(0, new ProgressReport("ppo", 500, 1000, "steps"));
        report(10, new ProgressReport("ppo", 510, 1000, "steps"));
        Assert.Equal("ppo  510/1,000 steps  51 %  1.00 steps/s  8:10 left\n", lines());
    }

    [Fact]
    public void Report_TotalUnknown_ShowsCountAndRate()
    {
        var (lines, report) = Listen(watched: false);
        report(0, new ProgressReport("reading", 0, 0, "rows"));
        report(10, new ProgressReport("reading", 12340, 0, "rows"));
        Assert.Equal("reading  12,340 rows  1,234 rows/s\n", lines());
    }

    [Theory]
    [InlineData(3610, "1:00:00")]
    [InlineData(86410, "1.0 days")]
    [InlineData(864010, "10.0 days")]
    [InlineData(long.MaxValue, "days")]
    public void Report_LongWork_ShowsHoursAndThenDays(long total, string left)
    {
        var (lines, report) = Listen(watched: false);
        report(0, new ProgressReport("ppo", 0, total, "steps"));
        report(10, new ProgressReport("ppo", 10, total, "steps"));
        Assert.Contains($"{left} left", lines(), StringComparison.Ordinal);
    }

    [Fact]
    public void Report_NewStage_MeasuresAnew()
    {
        var (lines, report) = Listen(watched: false);
        report(0, new ProgressReport("sft", 0, 100, "steps"));
        report(9, new ProgressReport("sft", 90, 100, "steps"));
        report(100, new ProgressReport("reward", 0, 36000, "steps"));
        report(110, new ProgressReport("reward", 10, 36000, "steps"));
        Assert.Equal("reward  10/36,000 steps  0 %  1.00 steps/s  9:59:50 left\n", lines());
    }

    [Fact]
    public void Report_TwoWorksSideBySide_EachKeepsItsOwnRate()
    {
        var (lines, report) = Listen(watched: false);
        report(0, new ProgressReport("left", 0, 100, "steps"));
        report(1, new ProgressReport("right", 0, 100, "steps"));
        report(5, new ProgressReport("left", 20, 100, "steps"));
        report(10, new ProgressReport("left", 40, 100, "steps"));
        report(11, new ProgressReport("right", 20, 100, "steps"));
        Assert.Equal("left  40/100 steps  40 %  4.00 steps/s  0:15 left\nright  20/100 steps  20 %  2.00 steps/s  0:40 left\n", lines());
    }

    [Fact]
    public void Report_TwoWorksWatched_ShareTheLine()
    {
        var (lines, report) = Listen(watched: true);
        report(0, new ProgressReport("left", 0, 0, "rows"));
        report(0, new ProgressReport("right", 0, 0, "rows"));
        report(2, new ProgressReport("left", 2, 0, "rows"));
        report(2, new ProgressReport("right", 4, 0, "rows"));
        Assert.EndsWith("\r\e[2Kleft  2 rows  1.00 rows/s  |  right  4 rows  2.00 rows/s", lines(), StringComparison.Ordinal);
    }

    [Fact]
    public void Note_WhileALineIsShown_TakesItAwayFirst()
    {
        using var written = new StringWriter { NewLine = "\n" };
        using var terminal = new Terminal(Stream.Null, Stream.Null, written, () => CommandRun.Screen(written), TimeProvider.System);
        terminal.Status("half way");
        terminal.Note("a note");
        Assert.Equal("\r\e[2Khalf way\r\e[2Ka note\n", written.ToString());
    }

    /// <summary>A progress line on a clock that the test sets, in seconds, and what it has written so far.</summary>
    private static (Func<string> Lines, Action<double, ProgressReport> Report) Listen(bool watched, Verbosity verbosity = Verbosity.Normal)
    {
        var written = new StringWriter { NewLine = "\n" };
        var clock = new SetClock();
        var terminal = new Terminal(Stream.Null, Stream.Null, written, () => watched ? CommandRun.Screen(written) : null, clock) { Verbosity = verbosity };
        return (written.ToString, (seconds, report) =>
        {
            clock.Seconds = seconds;
            terminal.Progress.Report(report);
        }
        );
    }

    private sealed class SetClock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => (long)Math.Round(Seconds * 1_000_000);
    }
}
