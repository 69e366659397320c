using System.Text.Json;
using TorchSharp;
using UmmRm.Cli;
using UmmRm.Cli.Commands;

namespace UmmRm.Tests.Cli;

public sealed class ProgramTests
{
    [Fact]
    public void Run_Version_IsTheAssembliesVersionOnStdout()
    {
        var run = CommandRun.Of("--version");
        Assert.Equal((0, $"{typeof(Program).Assembly.GetName().Version!.ToString(3)}\n", ""), (run.Code, run.Output, run.Error));
        using var json = JsonDocument.Parse(CommandRun.Of("--json", "--version").Output);
        Assert.Equal(run.Output.Trim(), json.RootElement.GetProperty("version").GetString());
    }

    [Theory]
    [InlineData]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Run_NoVerb_ShowsEveryVerbAndWhereToStart(params string[] arguments)
    {
        var run = CommandRun.Of(arguments);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("ummrm demo", run.Output, StringComparison.Ordinal);
        Assert.All(Verbs.All(), verb => Assert.Contains($"\n  {verb.Words} ", run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_HelpOfEveryVerb_HasItsDescriptionItsOptionsAndOneToThreeExamples()
    {
        foreach (var verb in Verbs.All())
        {
            var run = CommandRun.Of([.. verb.Words.Split(' '), "--help"]);
            Assert.Equal((0, ""), (run.Code, run.Error));
            var words = string.Join(' ', run.Output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith(verb.Description!, words, StringComparison.Ordinal);
            Assert.InRange(verb.Examples.Count, 1, 3);
            Assert.All(verb.Examples, example => Assert.Contains($"ummrm {example.Line}\n", run.Output, StringComparison.Ordinal));
            Assert.All(verb.Options, option => Assert.Contains($"\n  {option.Name}", run.Output, StringComparison.Ordinal));
            Assert.All(run.Output.Split('\n').Where(line => !line.Contains("ummrm ", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 100));
        }
    }

    [Fact]
    public void Run_ExamplesOfEveryVerb_AreCommandLinesOfThatVerb()
    {
        foreach (var verb in Verbs.All())
        {
            foreach (var example in verb.Examples)
            {
                var words = example.Line.Split('|', '>', '<')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                Assert.Equal(verb.GetType(), new CommandLine(words, Verbs.All()).Verb().GetType());
            }
        }
    }

    [Theory]
    [InlineData("unknown verb 'graet'; did you mean 'greet'?", "graet")]
    [InlineData("unknown option '--stepz'; did you mean '--steps'?", "greet", "--stepz", "3")]
    [InlineData("unknown option '--stpes'; did you mean '--steps'?", "greet", "--stpes=3")]
    [InlineData("unknown option '--jsno'; did you mean '--json'?", "greet", "--jsno")]
    [InlineData("--steps is 'three'; expected a whole number, 1..10", "greet", "--steps", "three")]
    [InlineData("--steps is '11'; expected a whole number, 1..10", "greet", "--steps", "11")]
    [InlineData("--method is 'learnt'; expected one of learned, uniform; did you mean learned?", "greet", "--method", "learnt")]
    [InlineData("--threads is '0'; expected a whole number, 1..4096", "--threads", "0", "greet")]
    [InlineData("--quiet and --verbose contradict each other", "greet", "--quiet", "--verbose")]
    [InlineData("'more' is one word too many", "greet", "more")]
    [InlineData("'ummrm group' needs a verb: greet", "group")]
    [InlineData("unknown verb 'great'; did you mean 'greet'?", "group", "great")]
    [InlineData("'ummrm' needs a verb: greet, group", "--json")]
    [InlineData("--name", "greet", "--name")]
    public void Run_WrongUsage_IsCodeTwoAndOneLineThatSaysWhatToWrite(string message, params string[] arguments)
    {
        var run = CommandRun.With([new FakeVerb("greet", _ => 0), new FakeVerb("group greet", _ => 0)], arguments);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.StartsWith("error: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(c => c == '\n'));
    }

    [Fact]
    public void Run_OptionsBeforeAndAfterTheVerb_ReachIt()
    {
        var verb = new FakeVerb("greet", (invocation, self) =>
        {
            Assert.Equal((true, 7L, 2), (invocation.Json, invocation.Seed, invocation.Threads));
            Assert.Equal(("@org/name", 3, "uniform"), (invocation.Value(self.Name_), invocation.Value(self.Steps), invocation.Value(self.Method)));
            return 0;
        });
        Assert.Equal(new CommandRun(0, "", ""), CommandRun.With([verb], "--json", "--seed", "7", "greet", "--name", "@org/name", "--steps=3", "--threads", "2", "--method", "uniform"));
    }

    [Fact]
    public void Run_OptionsNotGiven_HaveTheirDefaults()
    {
        var verb = new FakeVerb("greet", (invocation, self) =>
        {
            Assert.Equal((false, null, null), (invocation.Json, invocation.Seed, invocation.Threads));
            Assert.Equal(("world", null, "learned"), (invocation.Value(self.Name_), invocation.Value(self.Steps), invocation.Value(self.Method)));
            return 0;
        });
        Assert.Equal(new CommandRun(0, "", ""), CommandRun.With([verb], "greet"));
    }

    [Fact]
    public void Run_VerbThatFails_IsCodeOneWithTheMessageAlone()
    {
        var run = CommandRun.With([new FakeVerb("greet", _ => throw new InvalidDataException("train.jsonl:17 has no chosen"))], "greet");
        Assert.Equal(new CommandRun(1, "", "error: train.jsonl:17 has no chosen\n"), run);
    }

    [Fact]
    public void Run_VerbThatFailsVerbosely_ShowsWhere()
    {
        var run = CommandRun.With([new FakeVerb("greet", _ => throw new InvalidDataException("no chosen"))], "greet", "--verbose");
        Assert.Equal(1, run.Code);
        Assert.StartsWith("error: no chosen\nSystem.IO.InvalidDataException", run.Error, StringComparison.Ordinal);
        Assert.Contains(nameof(Run_VerbThatFailsVerbosely_ShowsWhere), run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ResultsBeforeAFailure_AreHandedOut()
    {
        var run = CommandRun.With([new FakeVerb("greet", invocation =>
        {
            invocation.Terminal.Result("first\n");
            throw new InvalidDataException("second is bad");
        })], "greet");
        Assert.Equal(new CommandRun(1, "first\n", "error: second is bad\n"), run);
    }

    public static TheoryData<Exception, string> Wrapped => new()
    {
        { new AggregateException(new IOException("disk full")), "error: disk full\n" },
        { new TypeInitializationException("torch", new DllNotFoundException("no libtorch")), "error: no libtorch\n" },
    };

    [Theory]
    [MemberData(nameof(Wrapped))]
    public void Run_FailureWithinWrappers_ShowsTheCause(Exception exception, string expected)
    {
        var run = CommandRun.With([new FakeVerb("greet", _ => throw exception)], "greet");
        Assert.Equal(new CommandRun(1, "", expected), run);
    }

    [Fact]
    public void Run_FailureInsideLibtorch_ShowsItsMessageWithoutTheNativeStack()
    {
        var run = CommandRun.With([new FakeVerb("greet", _ =>
        {
            using var matrix = torch.ones(2, 3);
            using var product = matrix.mm(matrix);
            return 0;
        })], "greet");
        Assert.Equal(new CommandRun(1, "", "error: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)\n"), run);
    }

    [Fact]
    public void Run_ReaderLeft_IsQuietlyDone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "EPIPE is Unix's");
        var run = CommandRun.With([new FakeVerb("greet", _ => throw new IOException("Broken pipe", 32))], "greet");
        Assert.Equal(new CommandRun(0, "", ""), run);
    }

    [Fact]
    public void Run_VerbThatUsesTheTokenWhenAsked_SavesAndIsCode130()
    {
        var saved = false;
        using var error = new StringWriter { NewLine = "\n" };
        using var terminal = new Terminal(Stream.Null, Stream.Null, error, () => null, TimeProvider.System);
        using var stop = new StopSignal(terminal);
        var verb = new FakeVerb("train", invocation =>
        {
            var stopping = invocation.Stopping;
            Assert.True(stop.Request());
            saved = true;
            stopping.ThrowIfCancellationRequested();
            return 0;
        });
        Assert.Equal(130, Program.Run(["train"], [verb], terminal, stop));
        Assert.True(saved);
        Assert.Equal("stopping after this step; Ctrl-C again stops at once\nstopped\n", error.ToString());
    }

    [Fact]
    public void Request_SecondTimeOrWithNobodyListening_SaysToEndAtOnce()
    {
        using var terminal = new Terminal(Stream.Null, Stream.Null, TextWriter.Null, () => null, TimeProvider.System);
        using var unheard = new StopSignal(terminal);
        Assert.False(unheard.Request());
        using var heard = new StopSignal(terminal);
        Assert.False(heard.Token.IsCancellationRequested);
        Assert.True(heard.Request());
        Assert.False(heard.Request());
    }

    [Fact]
    public void Run_CancellationThatNobodyAskedFor_IsAFailure()
    {
        var run = CommandRun.With([new FakeVerb("greet", _ => throw new OperationCanceledException("the server gave up"))], "greet");
        Assert.Equal(new CommandRun(1, "", "error: the server gave up\n"), run);
    }
}
