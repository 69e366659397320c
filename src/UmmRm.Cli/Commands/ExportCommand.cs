using System.CommandLine;
using System.Globalization;
using UmmRm.Recipes;
using UmmRm.Reports;
using UmmRm.Weights;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm export</c></summary>
internal sealed class ExportCommand : Verb
{
    private readonly Option<string> _model = OptionOf.Text("--model", "DIR", "a reward model's folder or hub id (org/name[@revision]): a dense one, a mixture, or one that another trainer wrote", required: true);
    private readonly Option<string> _format = OptionOf.Choice("--format", "hf: a dense model as transformers' ...ForSequenceClassification; qwen2-moe: an unmerged mixture as Qwen2MoeForSequenceClassification", "hf", "qwen2-moe");
    private readonly Option<string> _padToken = OptionOf.Text("--pad-token", "TOKEN", "hf: the padding token, where the model has none of its own");
    private readonly Option<string> _accuracy = OptionOf.Text("--accuracy", "FILE", "what eval --json said of the model, for the card (default: the evaluations of the run that it lies in)");
    private readonly Option<string> _output = OptionOf.Text("--output", "DIR", "the exported folder", required: true);

    public ExportCommand()
        : base("export", VerbGroup.Build, "a reward model for other engines, with a model card",
            "Writes a reward model as a folder that transformers and vLLM load: weights, config.json with padding token and problem_type, the tokenizer's files, and a README.md that states recipe, data, "
            + "accuracy and merge coefficients as far as records of them lie beside the model. A mixture is written unmerged in Qwen2-MoE's form, exactly in float32; for bfloat16 and float16 the rounding "
            + "is measured and printed. Works tensor by tensor.")
    {
        foreach (var option in (Option[])[_model, _format, _padToken, _accuracy, _output])
            Add(option);
    }

    public override IReadOnlyList<Example> Examples =>
    [
        new("export --model runs/umm/model --output published", "a dense model with its card"),
        new("export --model runs/moe/model --format qwen2-moe --output served", "the mixture itself, for vLLM"),
        new("export --model ./openrlhf-rm --output plain", "another trainer's head as score.weight"),
    ];

    public override int Run(Invocation invocation)
    {
        var (name, output) = (invocation.Value(_model)!, invocation.Value(_output)!);
        var model = invocation.Model(name);
        var content = new CardContent(model == name ? null : name, invocation.Value(_accuracy));
        var mixture = invocation.Value(_format) == "qwen2-moe";
        if (mixture && invocation.Value(_padToken) is not null)
            throw new UsageException("--pad-token belongs to --format hf: a mixture has its padding token already");
        var progress = invocation.Terminal.Progress;
        var options = new CheckpointWriteOptions { Cancellation = invocation.Stopping, Progress = new Share(share => progress.Report(new ProgressReport("exporting", (long)(100 * share), 100, "%"))) };
        var report = mixture
            ? ModelExport.ToQwenMixture(model, output, content, options)
            : ModelExport.ToTransformers(model, output, invocation.Value(_padToken), content, options);
        if (report.ConstantLeftOut != 0)
            invocation.Terminal.Warn(string.Create(CultureInfo.InvariantCulture, $"the model's head adds {report.ConstantLeftOut:G6} to every score, which this format has no place for: exported scores are lower by that, their differences are the same"));
        if (invocation.Json)
        {
            invocation.Terminal.Json(json =>
            {
                json.WriteString("model", Path.GetFullPath(output));
                json.WriteString("format", invocation.Value(_format));
                json.WriteNumber("constant_left_out", report.ConstantLeftOut);
                json.WriteNumber("rounding_loss", report.RoundingLoss);
            });
            return ExitCode.Done;
        }
        if (mixture)
            invocation.Terminal.Result(report.RoundingLoss == 0 ? "scaled down projections: nothing lost to rounding\n" : string.Create(CultureInfo.InvariantCulture, $"scaled down projections: relative error {report.RoundingLoss:0.0e+0} by rounding to the stored element type (alpha 0.5, or float32, loses next to nothing)\n"));
        invocation.Terminal.Result($"model: {output}\n");
        return ExitCode.Done;
    }

    private sealed class Share(Action<double> told) : IProgress<double>
    {
        public void Report(double value) => told(value);
    }
}
