using System.Text.Json.Nodes;
using UmmRm.Cli.Serving;
using UmmRm.Rewards;
using UmmRm.Weights;

namespace UmmRm.Tests.Cli.Serving;

/// <summary>What stands beside a score when it is asked for: uncertainty and z-score.</summary>
public sealed class DetailsTests : IDisposable
{
    private const double Close = 1e-5;
    private readonly TinyModels _models = new();

    [Fact]
    public async Task Details_OfAnEnsembleAndOfRecordedReferences_AreSpreadAndZScore()
    {
        string[] folders = [_models.Reward(), _models.Reward("qwen2-untied"), _models.Reward("neox-parallel")];
        new RewardMetadata { Template = "raw", AppendEos = true, Normalisation = new ScoreNormalisation(0.25, 2, 10) }.Write(folders[0]);
        double[] own = [TinyModels.Score("llama-gqa", 5, 6), TinyModels.Score("qwen2-untied", 5, 6), TinyModels.Score("neox-parallel", 5, 6)];
        var ensemble = new EnsembleReward([.. folders.Select(folder => RunningServer.Reward(folder))], EnsembleCombination.WorstCase);
        await using var server = await RunningServer.Of(null, null, new ServedModel("ensemble", ensemble), RunningServer.Model(folders[0], "one"));
        var answer = await server.Ask("/?details=true", """{"query": ["w05 w06"]}""");
        Assert.Equal(own.Min(), (double)answer["rewards"]![0]!, Close);
        var mean = own.Average();
        Assert.Equal(Math.Sqrt(own.Sum(score => (score - mean) * (score - mean)) / 2), (double)answer["extra_logs"]!["uncertainty"]![0]!, Close);
        Assert.Null(answer["extra_logs"]!["z_score"]);
        var single = (await server.Ask("/models/one/classify?details=true", """{"input": "w05 w06"}"""))["data"]![0]!;
        Assert.Equal((own[0] - 0.25) / 2, (double)single["z_score"]!, Close);
        Assert.Null(single["uncertainty"]);
        Assert.Null((await server.Ask("/models/one/classify", """{"input": "w05 w06"}"""))["data"]![0]!["z_score"]);
    }

    [Fact]
    public async Task Details_OfAMixture_AreTheSpreadOfItsSingleExpertsWhereTheServerOffersIt()
    {
        var mixture = _models.Mixture();
        await using var server = await RunningServer.Of(null, null, RunningServer.Model(mixture, "plain"), ServedModel.Of("spread", mixture, RunningServer.Reward(mixture), experts: true));
        var experts = Enumerable.Range(0, 7).Select(Alone).ToList();
        var mean = experts.Average();
        var expected = Math.Sqrt(experts.Sum(score => (score - mean) * (score - mean)) / 6);
        Assert.True(expected > 1e-3); // they do disagree
        var (plain, spread) = (await Classified(server, "plain", "?details=true"), await Classified(server, "spread", "?details=true"));
        Assert.Equal(expected, (double)spread["uncertainty"]!, Close);
        Assert.Equal((double)plain["probs"]![0]!, (double)spread["probs"]![0]!, Close);
        Assert.Null(plain["uncertainty"]);
        Assert.Null((await Classified(server, "spread", ""))["uncertainty"]);
        var served = JsonNode.Parse(await server.Client.GetStringAsync("/v1/models"))!["data"]!;
        Assert.Equal((null, "7 single experts"), ((string?)served[0]!["uncertainty"], (string?)served[1]!["uncertainty"]));

        double Alone(int expert)
        {
            double[] one = [.. Enumerable.Range(0, 7).Select(other => other == expert ? 1.0 : 0)];
            ExpertMerging.Write(mixture, new MergeRecord { Method = "given", Coefficients = [.. Enumerable.Repeat(one, Checkpoint.ReadConfig(mixture).NumLayers)] }, _models.Folder["alone"]);
            using var merged = RunningServer.Reward(_models.Folder["alone"]);
            return ((ModelReward)merged).Score([[5, 6, 7, 2]])[0];
        }
    }

    [Fact]
    public async Task ZScore_AgainstAPolicysAnswers_IsMeasuredByTheirRecordedScores()
    {
        var model = _models.Reward();
        var answers = _models.Rows("answers.jsonl", """{"prompt": "w05 ", "response": "w07"}""", """{"prompt": "w05 ", "response": "w08 w09"}""", """{"prompt": "w06 ", "response": "w10", "ended": false}""");
        var run = CommandRun.Of("score", "--model", model, "--input", answers, "--record-reference", "sft-1");
        Assert.Equal(0, run.Code);
        Assert.Contains("reward.json: 3 answers of sft-1 score", run.Error, StringComparison.Ordinal);
        double[] scores = [TinyModels.Score("llama-gqa", 5, 7, 2), TinyModels.Score("llama-gqa", 5, 8, 9, 2), TinyModels.Score("llama-gqa", 6, 10)];
        var (mean, sd) = (scores.Average(), Math.Sqrt(scores.Sum(score => (score - scores.Average()) * (score - scores.Average())) / 2));
        var recorded = RewardMetadata.Read(model)!.Normalisation!;
        Assert.Equal(("sft-1", 3), (recorded.Source, recorded.Count));
        Assert.Equal((mean, sd), (recorded.Mean, recorded.Sd), Near);
        await using var server = await RunningServer.Of(null, null, RunningServer.Model(model, "one"));
        Assert.Equal((scores[0] - mean) / sd, (double)(await server.Ask("/score?details=true", """{"queries": "w05 ", "documents": "w07"}"""))["data"]![0]!["z_score"]!, 1e-4);
        var scale = JsonNode.Parse(await server.Client.GetStringAsync("/v1/models"))!["data"]![0]!["z_score"]!;
        Assert.Equal(("sft-1", 3), ((string?)scale["source"], (int)scale["count"]!));
        Assert.Equal(mean, (double)scale["mean"]!, Close);
    }

    [Theory]
    [InlineData(2, "give one model that lies here", "--models", "MODEL", "MODEL")]
    [InlineData(2, "give one model that lies here", "--model", "http://127.0.0.1:1/score")]
    [InlineData(1, "at least 2 reference samples; there are 1", "--model", "MODEL")]
    public void ZScore_WhereNothingCanBeRecorded_IsRefusedAndTheFolderStays(int code, string complaint, params string[] model)
    {
        var folder = _models.Reward();
        var run = CommandRun.Reading("""{"text": "w05"}""", ["score", .. model.Select(word => word.Replace("MODEL", folder, StringComparison.Ordinal)), "--record-reference", "sft"]);
        Assert.Equal(code, run.Code);
        Assert.Contains(complaint, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "reward.json")));
    }

    [Fact]
    public void Training_WithHeldOutPairs_RecordsTheirScoresAndAMergeThoseOfItsCalibrationPairs()
    {
        string[] rows = [.. Enumerable.Range(0, 8).Select(i => $$"""{"prompt": "w05 ", "chosen": "{{TinyModels.Words(i, 3)}}", "rejected": "{{TinyModels.Words(i + 20, 4)}}"}""")];
        var (data, heldOut) = (_models.Rows("pairs.jsonl", rows), _models.Rows("held-out.jsonl", rows[5..]));
        Assert.Equal(0, CommandRun.Of("reward", "--model", _models.Mixture(), "--data", data, "--output", _models.Folder["run"], "--set", "held_out=3", "--set", "epochs=1", "--set", "batch_size=4", "--set", "template=raw").Code);
        var trained = Path.Combine(_models.Folder["run"], "model");
        AssertRecorded(trained, heldOut, "held-out pairs", 6);
        Assert.Equal(0, CommandRun.Of("merge", "--model", trained, "--method", "expected-gate", "--data", heldOut, "--output", _models.Folder["merged"]).Code);
        AssertRecorded(_models.Folder["merged"], heldOut, "calibration pairs", 6);
        Assert.Equal(0, CommandRun.Of("merge", "--model", trained, "--method", "uniform", "--output", _models.Folder["uniform"]).Code);
        Assert.Null(RewardMetadata.Read(_models.Folder["uniform"])!.Normalisation);

        void AssertRecorded(string model, string pairs, string source, int count)
        {
            var scored = CommandRun.Of("score", "--model", model, "--input", pairs);
            double[] scores = [.. TinyModels.Parse(scored.Output).SelectMany(row => new[] { (double)row["score_chosen"]!, (double)row["score_rejected"]! })];
            var recorded = RewardMetadata.Read(model)!.Normalisation!;
            Assert.Equal((source, count), (recorded.Source, recorded.Count));
            Assert.Equal(scores.Average(), recorded.Mean, 1e-4);
            Assert.Equal(Math.Sqrt(scores.Sum(score => (score - scores.Average()) * (score - scores.Average())) / (count - 1)), recorded.Sd, 1e-4);
        }
    }

    public void Dispose() => _models.Dispose();

    private static bool Near((double Mean, double Sd) a, (double Mean, double Sd) b) => Math.Abs(a.Mean - b.Mean) < Close && Math.Abs(a.Sd - b.Sd) < Close;

    private static async Task<JsonNode> Classified(RunningServer server, string model, string query) =>
        (await server.Ask($"/models/{model}/classify{query}", """{"input": "w05 w06 w07 w02"}"""))["data"]![0]!;
}
