using UmmRm.Weights;

namespace UmmRm.Tests.Weights;

public sealed class RewardMetadataTests
{
    [Fact]
    public void WriteAndRead_EveryField_ComesBack()
    {
        using var folder = new TemporaryFolder();
        var written = new RewardMetadata
        {
            Template = "coste",
            AppendEos = true,
            MaxLength = 520,
            Probes = [new ProbeScore { Prompt = "Was?", Response = "Größe 😀", Score = -1.25 }, new ProbeScore { Ids = [1, 5, 2], Score = 1e-20 }],
            Normalisation = new ScoreNormalisation(0.1, 2.5, 300),
        };
        written.Write(folder.Path);
        var read = RewardMetadata.Read(folder.Path)!;
        Assert.Equal((written.TemplateName, written.AppendEos, written.MaxLength, written.Normalisation), (read.TemplateName, read.AppendEos, read.MaxLength, read.Normalisation));
        Assert.Equal(written.Probes[0], read.Probes[0]);
        Assert.Equal(written.Probes[1].Ids, read.Probes[1].Ids);
        Assert.Equal(written.Probes[1].Score, read.Probes[1].Score);
        Assert.Contains("Größe", File.ReadAllText(folder["reward.json"]), StringComparison.Ordinal);
        Assert.Equal(["reward.json"], folder.Entries);
    }

    [Fact]
    public void WithoutScores_KeepsTheRulesOfReadingOnly()
    {
        var record = new RewardMetadata { Template = "hh", AppendEos = false, MaxLength = 9, Probes = [new ProbeScore { Score = 1 }], Normalisation = new ScoreNormalisation(0, 1, 2) }.WithoutScores();
        Assert.Equal(("hh", false, 9), (record.TemplateName, record.AppendEos, record.MaxLength));
        Assert.Empty(record.Probes);
        Assert.Null(record.Normalisation);
    }

    [Fact]
    public void Read_FolderWithout_GivesNull()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(RewardMetadata.Read(folder.Path));
    }

    [Theory]
    [InlineData("""{"template": "hh"}""", "append_eos")]
    [InlineData("""{"template": null, "append_eos": true}""", "template")]
    [InlineData("""{"template": "hh", "append_eos": true, "eos": 1}""", "eos")]
    [InlineData("""{"template": "hh", "append_eos": true, "append_eos": false}""", "append_eos")]
    [InlineData("""{"template": "hh", "append_eos": "yes"}""", "append_eos")]
    [InlineData("null", "JSON object")]
    [InlineData("{", "reward.json")]
    public void Read_DamagedFile_NamesFileAndKey(string text, string complaint)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["reward.json"], text);
        var error = Assert.Throws<InvalidDataException>(() => RewardMetadata.Read(folder.Path));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.Contains("reward.json", error.Message, StringComparison.Ordinal);
    }
}
