using System.Text.Json.Nodes;
using UmmRm.Models;
using UmmRm.Tests.Models;
using UmmRm.Weights;

namespace UmmRm.Tests.Weights;

public sealed class HuggingFaceConfigTests
{
    private static readonly MoeConfig Moe = new() { NumExperts = 8, TopK = 4, SharedExpertWeight = 0.75 };

    public static TheoryData<string> Models => [.. GoldenModel.Names];

    [Theory]
    [MemberData(nameof(Models))]
    public void Read_BothGenerationsOfWords_GiveTheSameArchitecture(string name)
    {
        var expected = GoldenModel.Config(name);
        foreach (var file in (string[])["config.json", "config-transformers-4.json"])
        {
            var config = HuggingFaceConfig.Parse(File.ReadAllText(Repository.Golden("models", name, "rm", file)));
            Assert.Equal(expected.EosTokenIds, config.Model.EosTokenIds);
            Assert.Equal(expected, config.Model with { EosTokenIds = expected.EosTokenIds });
            Assert.True(config.IsRewardModel);
            Assert.Equal(TensorType.F32, config.StoredType);
        }
        Assert.False(HuggingFaceConfig.Read(Repository.Golden("models", name, "lm")).IsRewardModel);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void AsRewardModel_LanguageModelsConfig_AgreesWithWhatTransformersWroteForTheRewardModel(string name)
    {
        var ours = Json(HuggingFaceConfig.Read(Repository.Golden("models", name, "lm")).AsRewardModel());
        var theirs = Json(File.ReadAllText(Repository.Golden("models", name, "rm", "config.json")));
        Assert.Equal("regression", (string?)ours["problem_type"]);
        Assert.Equal(1, (int?)ours["num_labels"]);
        ours.Remove("problem_type");
        ours.Remove("num_labels");
        AssertSame(theirs, ours);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Create_FromScratch_AgreesWithTransformersFourWords(string name)
    {
        var ours = Json(HuggingFaceConfig.Create(GoldenModel.Config(name)).AsRewardModel());
        var theirs = Json(File.ReadAllText(Repository.Golden("models", name, "rm", "config-transformers-4.json")));
        // No part of the forward pass: the version, a dropout of another task, how a sliding window that is off would be laid out, and what only we write.
        foreach (var key in (string[])["transformers_version", "classifier_dropout", "layer_types", "max_window_layers", "is_decoder", "num_labels", "problem_type"])
        {
            ours.Remove(key);
            theirs.Remove(key);
        }
        AssertSame(theirs, ours);
    }

    [Fact]
    public void Create_Floats_AreWrittenAsPythonFloats()
    {
        var text = HuggingFaceConfig.Create(GoldenModel.Config("llama3-rope")).ToJson();
        Assert.Contains("\"rope_theta\": 500000.0", text, StringComparison.Ordinal);
        Assert.Contains("\"factor\": 8.0", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_SettingsThatTheFamilyCannotHave_AreRefused() =>
        Assert.Throws<ArgumentException>(() => HuggingFaceConfig.Create(GoldenModel.Config("neox-parallel") with { HeadDim = 16 }));

    [Theory]
    [InlineData("llama-gqa", "LlamaForSequenceClassification", "llama")]
    [InlineData("qwen2-untied", "Qwen2ForSequenceClassification", "qwen2")]
    [InlineData("neox-parallel", "GPTNeoXForSequenceClassification", "gpt_neox")]
    public void AsMixture_ThenAsDense_ComesBackToTheRewardModel(string name, string architecture, string type)
    {
        var dense = HuggingFaceConfig.Read(Repository.Golden("models", name, "rm")).AsRewardModel();
        var mixture = dense.AsMixture(Moe);
        var json = Json(mixture);
        Assert.Equal("umm_moe", (string?)json["model_type"]);
        Assert.Equal(type, (string?)json["base_model_type"]);
        Assert.Equal("UmmMoeForSequenceClassification", (string?)json["architectures"]![0]);
        AssertSame(Json("""{"num_experts": 8, "top_k": 4, "shared_expert_weight": 0.75}"""), json["moe"]!.AsObject());
        Assert.Equal(Moe, HuggingFaceConfig.Parse(mixture.ToJson()).Model.Moe);
        Assert.True(mixture.IsRewardModel);
        Assert.Equal(architecture, mixture.AsDense().Architecture);
        AssertSame(Json(dense), Json(mixture.AsDense()));
        Assert.Throws<ArgumentException>(() => mixture.AsMixture(Moe));
        Assert.Throws<ArgumentException>(dense.AsDense);
    }

    [Fact]
    public void Changes_UnknownKeysAndWords_StayAsTheyWere()
    {
        var older = Parse("llama", """{"pad_token_id": 0, "torch_dtype": "float32", "rope_theta": 10000.0, "made_by": {"who": [1, 2.50]}}""");
        var text = older.AsRewardModel().StoredAs(TensorType.BF16).ToJson();
        Assert.Equal("bfloat16", (string?)Json(text)["torch_dtype"]);
        Assert.False(Json(text).ContainsKey("dtype"));
        Assert.Contains("2.50", text, StringComparison.Ordinal);
        Assert.Equal("bfloat16", (string?)Json(HuggingFaceConfig.Read(Repository.Golden("models", "llama-gqa", "lm")).StoredAs(TensorType.BF16))["dtype"]);
    }

    [Fact]
    public void Read_AbsentKeys_TakeTransformersDefaults()
    {
        var llama = Parse("llama", "{}").Model;
        Assert.Equal((4, 8, 2048, 1e-6, 10000.0, false, 1), (llama.NumKeyValueHeads, llama.HeadDim, llama.MaxPositions, llama.NormEpsilon, llama.RopeTheta, llama.TieWordEmbeddings, llama.BosTokenId));
        Assert.Equal([2], llama.EosTokenIds);
        Assert.Null(llama.PadTokenId);
        var neox = Parse("gpt_neox", "{}").Model;
        Assert.Equal((0.25, 1e-5, true, true, Activation.Gelu, 0), (neox.RotaryFraction, neox.NormEpsilon, neox.ParallelResidual, neox.QueryKeyValueBias, neox.Activation, neox.BosTokenId));
        var qwen = Parse("qwen2", """{"num_key_value_heads": 2, "eos_token_id": [5, 6]}""").Model;
        Assert.Equal((1e-6, true, false, 32768), (qwen.NormEpsilon, qwen.QueryKeyValueBias, qwen.AttentionOutputBias, qwen.MaxPositions));
        Assert.Equal([5, 6], qwen.EosTokenIds);
        Assert.Null(qwen.BosTokenId);
    }

    [Theory]
    [InlineData("llama", """{"attention_bias": true}""", true, true)]
    [InlineData("gpt_neox", """{"attention_bias": false}""", false, false)]
    public void Read_AttentionBias_DecidesOnBiases(string type, string extra, bool queryKeyValue, bool output)
    {
        var model = Parse(type, extra).Model;
        Assert.Equal((queryKeyValue, output), (model.QueryKeyValueBias, model.AttentionOutputBias));
    }

    [Theory]
    [InlineData("gelu_fast", Activation.GeluTanh)]
    [InlineData("gelu_pytorch_tanh", Activation.GeluTanh)]
    [InlineData("gelu", Activation.Gelu)]
    public void Read_NeoXActivation_IsToldApart(string word, Activation expected) => Assert.Equal(expected, Parse("gpt_neox", $$"""{"hidden_act": "{{word}}"}""").Model.Activation);

    [Theory]
    [InlineData("mistral", "{}", "model_type is \"mistral\"; expected one of the supported architectures: llama")]
    [InlineData("umm_moe", "{}", "moe is missing")]
    [InlineData("umm_moe", """{"base_model_type": "bert", "moe": {"num_experts": 8, "top_k": 2, "shared_expert_weight": 0.5}}""", "base_model_type is \"bert\"")]
    [InlineData("umm_moe", """{"base_model_type": "llama", "moe": {"num_experts": 8, "top_k": 8, "shared_expert_weight": 0.5}}""", "moe.top_k is 8")]
    [InlineData("umm_moe", """{"base_model_type": "llama", "moe": {"num_experts": 8, "top_k": 2, "alpha": 0.5}}""", "unknown key alpha")]
    [InlineData("llama", """{"hidden_size": null}""", "hidden_size is missing")]
    [InlineData("llama", """{"hidden_size": "32"}""", "hidden_size is \"32\"; expected a whole number")]
    [InlineData("llama", """{"hidden_size": 32.5}""", "hidden_size is 32.5")]
    [InlineData("llama", """{"hidden_size": 30}""", "num_attention_heads is 4; expected a divisor of hidden_size")]
    [InlineData("llama", """{"num_key_value_heads": 3}""", "num_key_value_heads is 3")]
    [InlineData("llama", """{"num_hidden_layers": 0}""", "num_hidden_layers is 0")]
    [InlineData("llama", """{"mlp_bias": true}""", "mlp_bias is true")]
    [InlineData("llama", """{"hidden_act": "relu"}""", "hidden_act is \"relu\"; expected silu")]
    [InlineData("llama", """{"partial_rotary_factor": 0.5}""", "partial_rotary_factor")]
    [InlineData("llama", """{"rope_scaling": {"type": "linear", "factor": 2.0}}""", "rope_scaling: type is \"linear\"; expected default or llama3")]
    [InlineData("llama", """{"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4, "factor": 2.0}}""", "rope_type is \"yarn\"")]
    [InlineData("llama", """{"rope_parameters": {"full_attention": {"rope_type": "default", "rope_theta": 1e4}}}""", "unknown key full_attention")]
    [InlineData("llama", """{"rope_scaling": {"rope_type": "llama3", "factor": 8.0}}""", "low_freq_factor is missing")]
    [InlineData("llama", """{"quantization_config": {"bits": 4}}""", "quantised weights are not supported")]
    [InlineData("qwen2", """{"num_key_value_heads": 2, "use_sliding_window": true}""", "sliding-window attention is not supported")]
    [InlineData("gpt_neox", """{"hidden_act": "relu"}""", "hidden_act is \"relu\"")]
    [InlineData("gpt_neox", """{"eos_token_id": [1, "x"]}""", "eos_token_id")]
    public void Parse_WhatIsNotSupported_NamesTheKeyAndWhatIs(string type, string extra, string complaint)
    {
        var error = Assert.Throws<InvalidDataException>(() => Parse(type, extra));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("config.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"num_key_value_heads": 2, "use_sliding_window": false, "sliding_window": 8}""")]
    [InlineData("""{"num_key_value_heads": 2, "use_sliding_window": true, "sliding_window": 32768}""")]
    [InlineData("""{"num_key_value_heads": 2, "use_sliding_window": true, "sliding_window": null}""")]
    public void Parse_SlidingWindowWithoutEffect_IsAccepted(string extra) => Assert.Equal(ModelFamily.Qwen2, Parse("qwen2", extra).Model.Family);

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("""{"model_type": "llama", "model_type": "llama"}""")]
    public void Parse_DamagedJson_IsRefused(string text) => Assert.Throws<InvalidDataException>(() => HuggingFaceConfig.Parse(text));

    [Fact]
    public void Read_FolderWithoutConfig_SaysWhatToName()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("config.json is missing", Assert.Throws<FileNotFoundException>(() => HuggingFaceConfig.Read(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"pad_token_id": null}""", null, "pad_token_id is missing")]
    [InlineData("""{"pad_token_id": -1}""", null, "pad_token_id is missing")]
    [InlineData("""{"pad_token_id": 7, "eos_token_id": [5, 7]}""", null, "also an eos_token_id")]
    [InlineData("""{"pad_token_id": 0}""", 96, "the vocabulary has 96 rows")]
    public void AsRewardModel_WithoutAPaddingTokenOfItsOwn_NamesTheRemedy(string extra, int? pad, string complaint)
    {
        var config = Parse("llama", extra);
        var error = Assert.Throws<ArgumentException>(() => config.AsRewardModel(pad));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.Contains("name a padding token", error.Message, StringComparison.Ordinal);
        Assert.Equal(9, config.AsRewardModel(9).Model.PadTokenId);
    }

    private static HuggingFaceConfig Parse(string type, string extra)
    {
        var json = Json($$"""{"model_type": "{{type}}", "vocab_size": 96, "hidden_size": 32, "intermediate_size": 80, "num_hidden_layers": 2, "num_attention_heads": 4, "architectures": ["X"]}""");
        foreach (var (key, value) in Json(extra))
            json[key] = value?.DeepClone();
        return HuggingFaceConfig.Parse(json.ToJsonString());
    }

    private static JsonObject Json(HuggingFaceConfig config) => Json(config.ToJson());

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    /// <summary>Key by key, so that a failure names the key.</summary>
    private static void AssertSame(JsonObject expected, JsonObject actual)
    {
        Assert.Equal(expected.Select(pair => pair.Key).Order(), actual.Select(pair => pair.Key).Order());
        Assert.All(expected, pair => Assert.True(JsonNode.DeepEquals(pair.Value, actual[pair.Key]), $"{pair.Key}: expected {pair.Value?.ToJsonString()}, found {actual[pair.Key]?.ToJsonString()}"));
    }
}
