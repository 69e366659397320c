using System.CommandLine;
using System.Text.Json.Nodes;
using UmmRm.Cli.Inspection;
using UmmRm.Weights;

namespace UmmRm.Cli.Commands;

/// <summary><c>ummrm inspect PATH</c></summary>
internal sealed class InspectCommand : Verb
{
    private readonly Argument<string> _path = new("PATH") { Description = "a model folder or hub id (org/name[@revision]), a safetensors file, or a tokenizer (its folder or its file)" };

    public InspectCommand()
        : base("inspect", VerbGroup.Inspect, "what a model folder, weights file or tokenizer is",
            "Says what a folder or a file is without loading it: a model's architecture, parameters, shapes and element types, how much memory it takes to train and to serve, "
            + "by which template it reads texts, and which special tokens it has.")
        => Arguments.Add(_path);

    public override IReadOnlyList<Example> Examples =>
    [
        new("inspect runs/demo/reward/model", "a model of a run"),
        new("inspect model.safetensors --json", "names, element types and shapes for a script"),
    ];

    public override int Run(Invocation invocation)
    {
        var path = invocation.Value(_path)!;
        var (facts, tensors) = Inspect(invocation.Model(path));
        if (invocation.Json)
        {
            invocation.Terminal.Json(json =>
            {
                json.WriteString("path", path);
                foreach (var fact in facts)
                    Write(fact.Key, fact.Value);
                if (tensors is not null)
                    Write("tensors", TensorFacts.List(tensors));

                void Write(string key, JsonNode? value)
                {
                    json.WritePropertyName(key);
                    if (value is null)
                        json.WriteNullValue();
                    else
                        value.WriteTo(json);
                }
            });
            return ExitCode.Done;
        }
        var column = facts.Max(fact => fact.Key.Length) + 2;
        foreach (var fact in facts)
            invocation.Terminal.Result($"{fact.Key.Replace('_', ' ').PadRight(column)}{fact.Text}\n");
        if (tensors is { Count: > 0 })
            invocation.Terminal.Result($"\n{TensorFacts.Table(tensors).ToText()}");
        return ExitCode.Done;
    }

    private static (IReadOnlyList<Fact> Facts, IReadOnlyCollection<TensorInfo>? Tensors) Inspect(string path)
    {
        if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            using var file = SafetensorsFile.Open(path);
            return ([Fact.Of("kind", "safetensors file"), .. TensorFacts.Of(file.Tensors), TensorFacts.Metadata(file.Metadata)], file.Tensors);
        }
        if (File.Exists(Path.Combine(path, "config.json")))
        {
            var config = HuggingFaceConfig.Read(path);
            using var weights = CheckpointTensors.Open(path);
            return ([.. ModelFacts.Of(path, config), .. TensorFacts.Of(weights.Tensors), .. TokenizerFacts.AreAt(path) ? TokenizerFacts.Of(path) : []], weights.Tensors);
        }
        if (TokenizerFacts.AreAt(path))
            return ([Fact.Of("kind", "tokenizer"), .. TokenizerFacts.Of(path)], null);
        const string expected = "a model folder (with config.json), a .safetensors file, or a tokenizer (its folder, tokenizer.json, vocab.json or tokenizer.model)";
        throw Path.Exists(path) ? new InvalidDataException($"{path} is none of these: {expected}{HuggingFaceConfig.Below(path)}") : new FileNotFoundException($"there is no {path}: name {expected}", path);
    }
}
