using UmmRm.Reports;

namespace UmmRm.Recipes;

/// <summary>
/// What a recipe will need, stage by stage: as many as run side by side may be the largest ones. An estimate from closed forms (see <see cref="ModelMemory"/>):
/// without the runtime itself (about 0.5 GiB), allocator waste and the data set's texts.
/// </summary>
public sealed class MemoryEstimate
{
    private readonly int _jobs;

    private MemoryEstimate(IReadOnlyList<StageMemory> stages, int jobs) => (Stages, _jobs) = (stages, jobs);

    /// <summary>The stages in the order in which they run.</summary>
    public IReadOnlyList<StageMemory> Stages { get; }

    /// <summary>Bytes of the largest stages that may run at once; null when a stage's need is unknown.</summary>
    public long? Peak => Stages.Any(stage => stage.Unknown is not null) ? null : Together;

    /// <summary>The stage that needs most of those that are known.</summary>
    public StageMemory Largest => Stages.MaxBy(stage => stage.Bytes)!;

    /// <summary>Estimates a recipe. Model folders outside it are described by their config.json; where one is missing the stages that need it are unknown.</summary>
    /// <exception cref="InvalidDataException">A config.json is damaged or describes something that is not supported.</exception>
    /// <param name="recipe">The recipe.</param>
    /// <param name="jobs">How many stages run side by side.</param>
    /// <param name="outside">Has fetched what lies on the hub; null looks at paths only.</param>
    public static MemoryEstimate Of(Recipe recipe, int jobs = 1, OutsideInputs? outside = null)
    {
        var models = new RecipeModels(recipe, name => outside?.Model(name) ?? name);
        return new MemoryEstimate([.. recipe.Stages.Select(stage => Of(stage, models))], jobs);
    }

    /// <summary>Refuses a recipe that needs more than there is.</summary>
    /// <exception cref="ArgumentException">A stage does; the message says which, how much, for what, and what to do.</exception>
    public void CheckAgainst(long limit)
    {
        if (Largest.Bytes > limit)
        {
            throw new ArgumentException(
                $"stages.{Largest.Stage} needs about {Largest}, and there is {ByteSize.Text(limit)}; lower its token_budget or max_length, choose precision: bfloat16 or a smaller model, or run with --ignore-memory");
        }
        if (Together > limit)
        {
            throw new ArgumentException(
                $"the {_jobs} largest stages need about {ByteSize.Text(Together)} together ({string.Join(", ", Heaviest.Select(stage => $"{stage.Stage} {ByteSize.Text(stage.Bytes)}"))}), and there is {ByteSize.Text(limit)}; run fewer side by side (--jobs), or with --ignore-memory");
        }
    }

    private IEnumerable<StageMemory> Heaviest => Stages.OrderByDescending(stage => stage.Bytes).Take(_jobs);

    private long Together => Heaviest.Sum(stage => stage.Bytes);

    private static StageMemory Of(Stage stage, RecipeModels models)
    {
        try
        {
            return new StageMemory(stage.Name, [.. Terms(stage, models)]);
        }
        catch (UnknownModelException e)
        {
            return new StageMemory(stage.Name, [], e.Message);
        }
    }

    private static IEnumerable<MemoryTerm> Terms(Stage stage, RecipeModels models)
    {
        switch (stage)
        {
            case SftStage sft:
                return models.Of(sft.Model).Training(sft.Precision, sft.TokenBudget, Length(sft, models.Of(sft.Model)));
            case RewardStage reward:
                var trained = models.Of(reward.Model) with { RewardHead = true };
                return trained.Training(reward.Precision, reward.TokenBudget, 2 * Length(reward, trained)); // a pair is one row
            case InitStage init:
                return [new MemoryTerm("weights", models.Made(init.Name).StoredBytes * models.Made(init.Name).Parameters.Total)];
            case UpcycleStage upcycle:
                return Streaming(models.Made(upcycle.Name), layers: 1);
            case AverageStage average:
                return [new MemoryTerm("one tensor of each model", (average.Models.Count + 1) * 4 * LargestTensor(models.Made(average.Name)))];
            case MergeStage merge:
                return Merging(merge, models.Of(merge.Model));
            case PairsStage pairs:
                return [.. models.Of(pairs.Model).Scoring(pairs.Precision, pairs.TokenBudget, Length(pairs, models.Of(pairs.Model))), .. Scoring(pairs, models.Members(pairs.Gold))];
            case PpoStage ppo:
                return [.. models.Of(ppo.Model).PolicyOptimization(ppo.Precision, ppo.TokenBudget, Length(ppo, models.Of(ppo.Model)), ppo.TrainableLayers.Number, ppo.Rollouts), .. Scoring(ppo, [.. models.Members(ppo.Proxy), .. ppo.Gold is null ? [] : models.Members(ppo.Gold)]).Where(term => term.What == "weights").Select(term => term with { What = "rewards' weights" })];
            case LabelStage label:
                return Scoring(label, models.Members(label.Model));
            case EnsembleStage ensemble:
                return ensemble.Normalise ? ensemble.Models.Select(member => Scoring(ensemble, models.Members(member)).ToArray()).MaxBy(terms => terms.Sum(t => t.Bytes))! : [];
            case EvalStage eval:
                return eval.Models.SelectMany(models.Members).Select(model => Scoring(eval, [model]).ToArray()).MaxBy(terms => terms.Sum(t => t.Bytes)) ?? []; // an ensemble's members too are loaded one at a time
            case TransferStage transfer:
                return transfer.Rewards.SelectMany(models.Members).Select(model => Scoring(transfer, [model]).ToArray()).MaxBy(terms => terms.Sum(t => t.Bytes)) ?? [];
            case BonStage bon:
                return new[] { models.Of(bon.Model).Scoring(bon.Precision, bon.TokenBudget, Length(bon, models.Of(bon.Model))).ToArray() }
                    .Concat(bon.Rewards.Append(bon.Gold).SelectMany(models.Members).Select(model => Scoring(bon, [model]).ToArray())).MaxBy(terms => terms.Sum(t => t.Bytes))!;
            case SensitivityStage sensitivity:
                return sensitivity.Rewards.Concat(sensitivity.Mixtures).Concat(sensitivity.Peers).SelectMany(models.Members).Select(model => Scoring(sensitivity, [model]).ToArray()).MaxBy(terms => terms.Sum(t => t.Bytes)) ?? [];
            default:
                return [];
        }
    }

    /// <summary>
    /// A merge with known coefficients holds up to three layers of the mixture at a time. Computing expected gates runs the whole mixture; learning coefficients also
    /// keeps a blended copy of every layer's block and its gradient (4 bytes each) and a training step's activations.
    /// </summary>
    private static IEnumerable<MemoryTerm> Merging(MergeStage merge, ModelMemory mixture)
    {
        if (merge.Method == MergeMethod.Uniform || merge.Coefficients is not null)
            return Streaming(mixture, layers: 3);
        var gates = mixture.Scoring(merge.Precision, merge.TokenBudget, Length(merge, mixture));
        if (merge.Method == MergeMethod.ExpectedGate)
            return gates;
        var dense = mixture with { Config = mixture.Config with { Moe = null } };
        return
        [
            gates.First(),
            new MemoryTerm("blended blocks and gradients", 8 * mixture.Config.NumLayers * mixture.Parameters.FeedForwardPerLayer),
            new MemoryTerm("activations", (mixture.Config.NumLayers + 4) * dense.Activations(merge.Precision, merge.TokenBudget, 2 * Length(merge, mixture))),
        ];
    }

    private static IEnumerable<MemoryTerm> Scoring(TextStage stage, IReadOnlyList<ModelMemory> members) =>
        members.SelectMany(model => model.Scoring(stage.Precision, stage.TokenBudget, Length(stage, model))).GroupBy(term => term.What)
            .Select(terms => new MemoryTerm(terms.Key, terms.Key == "weights" ? terms.Sum(t => t.Bytes) : terms.Max(t => t.Bytes)));

    /// <summary>Layer by layer: some layers of the mixture as stored, or the embedding if that is larger.</summary>
    private static MemoryTerm[] Streaming(ModelMemory mixture, int layers) =>
        [new MemoryTerm(layers == 1 ? "one layer of the mixture" : $"{layers} layers of the mixture", mixture.StoredBytes * Math.Max(layers * mixture.Parameters.PerLayer, mixture.Parameters.Embedding))];

    private static long LargestTensor(ModelMemory model) => Math.Max(model.Parameters.Embedding, (long)model.Config.HiddenSize * model.Config.IntermediateSize);

    private static long Length(TextStage stage, ModelMemory model) => stage.MaxLength ?? model.Config.MaxPositions;
}
