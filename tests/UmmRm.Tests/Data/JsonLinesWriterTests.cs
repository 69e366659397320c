using System.Text.Json.Nodes;
using UmmRm.Data;

namespace UmmRm.Tests.Data;

public sealed class JsonLinesWriterTests
{
    private const string Rows = """
        {"b":1.50,"a":"é <b> 日本語 \"q\" \n","n":null,"l":[1,{"x":true}]}
        {"z":12345678901234567890,"a":""}

        """;

    [Theory]
    [InlineData("out.jsonl")]
    [InlineData("out.jsonl.gz")]
    public void Write_RowsThatWereRead_KeepFieldsOrderAndNumbers(string name)
    {
        using var input = new TemporaryFile("in.jsonl", Rows);
        var path = Path.Combine(Path.GetDirectoryName(input.Path)!, name);
        using (var writer = new JsonLinesWriter(path))
        {
            foreach (var row in input.Source.Rows())
                writer.Write(row.Fields);
            Assert.False(File.Exists(path));
            writer.Commit();
        }
        Assert.Equal(input.Source.Rows().Select(row => row.Fields.ToJsonString()), new DataSource(path).Rows().Select(row => row.Fields.ToJsonString()));
        if (name == "out.jsonl")
            Assert.Equal(Rows, File.ReadAllText(path));
        Assert.Equal(2, Directory.GetFiles(Path.GetDirectoryName(path)!).Length);
    }

    [Fact]
    public void Dispose_WithoutCommit_LeavesWhatWasThere()
    {
        using var file = new TemporaryFile("out.jsonl", "before");
        using (var writer = new JsonLinesWriter(file.Path))
        {
            writer.Write(new JsonObject { ["a"] = 1 });
            Assert.Throws<InvalidDataException>(() => writer.Write(new JsonObject { ["a"] = double.NaN }));
        }
        Assert.Equal("before", File.ReadAllText(file.Path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file.Path)!));
    }

    [Theory]
    [InlineData("out.jsonl")]
    [InlineData("out.jsonl.gz")]
    public void Commit_OnAFullDisk_LeavesWhatWasThere(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's");
        using var file = new TemporaryFile(name, "before");
        File.CreateSymbolicLink($"{file.Path}.{Environment.ProcessId}.tmp", "/dev/full");
        Assert.Throws<IOException>(() =>
        {
            using var writer = new JsonLinesWriter(file.Path);
            writer.Write(new JsonObject { ["a"] = 1 });
        });
        Assert.Equal("before", File.ReadAllText(file.Path));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file.Path)!));
    }
}
