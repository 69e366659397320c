namespace UmmRm.Cli.Commands;

/// <summary>The one place where verbs are registered, in the order of the overview.</summary>
internal static class Verbs
{
    /// <summary>Every verb, new: a command's options belong to one command line.</summary>
    public static IReadOnlyList<Verb> All() =>
    [
        new DemoCommand(),
        new RunCommand(),
        new SweepCommand(),
        new SftCommand(),
        new RewardCommand(),
        new PpoCommand(),
        new UpcycleCommand(),
        new MergeCommand(),
        new AverageCommand(),
        new ExportCommand(),
        new LabelCommand(),
        new TokenizerTrainCommand(),
        new EvalCommand(),
        new BonCommand(),
        new ScoreCommand(),
        new ServeCommand(),
        new GenerateCommand(),
        new JudgeCommand(),
        new TokenizeCommand(),
        new TemplateRenderCommand(),
        new InspectCommand(),
        new DoctorCommand(),
        new ReportCommand(),
        new CompareCommand(),
    ];
}
