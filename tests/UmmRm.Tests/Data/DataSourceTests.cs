using UmmRm.Data;

namespace UmmRm.Tests.Data;

public sealed class DataSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ummrm-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("data.jsonl", "data.jsonl", null, 0, null)]
    [InlineData("data:train", "data", "train", 0, null)]
    [InlineData("data:train[0:12000]", "data", "train", 0, 12000)]
    [InlineData("data:train[12000:22500]", "data", "train", 12000, 22500)]
    [InlineData("data:test_prefs[:500]", "data", "test_prefs", 0, 500)]
    [InlineData("a/b.jsonl:[500:]", "a/b.jsonl", null, 500, null)]
    [InlineData("-", "-", null, 0, null)]
    [InlineData(@"C:\data\x.jsonl", @"C:\data\x.jsonl", null, 0, null)]
    [InlineData(@"C:\data:train", @"C:\data", "train", 0, null)]
    [InlineData("C:/data/x", "C:/data/x", null, 0, null)]
    [InlineData("Anthropic/hh-rlhf@refs/pr/1:harmless-base/train[:9]", "Anthropic/hh-rlhf@refs/pr/1", "harmless-base/train", 0, 9)]
    public void Parse_Source_FindsPathSplitAndSlice(string text, string path, string? split, int start, int? end)
    {
        var source = DataSource.Parse(text);
        Assert.Equal(new DataSource(path, split, start, end), source);
        Assert.Equal(source, DataSource.Parse(source.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("data:train[5]")]
    [InlineData("data:train[-5:]")]
    [InlineData("data:train[:10%]")]
    [InlineData("data:train[5:5]")]
    [InlineData("data:train[9:5]")]
    [InlineData("data:train[0:99999999999]")]
    public void Parse_BadSlice_IsAnArgumentError(string text) => Assert.Throws<ArgumentException>(() => DataSource.Parse(text));

    [Fact]
    public void Rows_Slice_CountsRowsThroughAllShardsAndMayNotPassTheEnd()
    {
        Write("data/train-00000-of-00002.jsonl", 3);
        Write("data/train-00001-of-00002.jsonl", 3);
        Assert.Equal(["train-00000-of-00002.jsonl:3", "train-00001-of-00002.jsonl:1"], Source("train[2:4]").Rows().Select(row => row.Origin));
        Assert.Equal(6, Source("train[0:6]").Rows().Count());
        Assert.Empty(Source("train[6:]").Rows());
        Assert.Contains("there are 6 rows only", Assert.Throws<InvalidDataException>(() => Source("train[0:7]").Rows().ToList()).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => Source("train[7:]").Rows().ToList());
    }

    [Fact]
    public void Files_ExactNameWinsOverLongerOnes()
    {
        Write("validation.jsonl.gz", 1);
        Write("validation-length-balanced.jsonl.gz", 1);
        Write("first-1500.jsonl", 1);
        Assert.EndsWith("validation.jsonl.gz", Assert.Single(Source("validation").Files()), StringComparison.Ordinal);
        Assert.EndsWith("first-1500.jsonl", Assert.Single(Source("first").Files()), StringComparison.Ordinal);
        Assert.Contains("validation", Assert.Throws<FileNotFoundException>(() => Source("test").Files()).Message, StringComparison.Ordinal);
        Assert.Contains("several splits", Assert.Throws<ArgumentException>(() => new DataSource(_folder).Files()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_OnlySplit_NeedsNoName()
    {
        Write("data/train-00000-of-00001-a09b74b3ef9c3b56.parquet", 1);
        Write("dataset_infos.json", 1);
        Assert.Single(new DataSource(_folder).Files());
    }

    [Fact]
    public void Files_SplitInSeveralConfigurations_AsksForOne()
    {
        Write("harmless-base/train.jsonl.gz", 1);
        Write("helpful-base/train.jsonl.gz", 1);
        Assert.Contains("several folders", Assert.Throws<ArgumentException>(() => Source("train").Files()).Message, StringComparison.Ordinal);
        Assert.Single(DataSource.Parse(Path.Combine(_folder, "helpful-base") + ":train").Files());
        Assert.EndsWith(Path.Combine("helpful-base", "train.jsonl.gz"), Assert.Single(Source("helpful-base/train").Files()), StringComparison.Ordinal);
        Assert.Contains("harmless-base/train", Assert.Throws<FileNotFoundException>(() => Source("harmless-base/test").Files()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_MissingShardOrSecondFormat_IsRefused()
    {
        Write("train-00000-of-00003.parquet", 1);
        Write("train-00002-of-00003.parquet", 1);
        Assert.Contains("3 are expected", Assert.Throws<FileNotFoundException>(() => Source("train").Files()).Message, StringComparison.Ordinal);
        Write("test.json", 1);
        Write("test.jsonl", 1);
        Assert.Contains("several files", Assert.Throws<ArgumentException>(() => Source("test").Files()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_NothingThere_SaysWhatWasExpected()
    {
        Assert.Contains("no file or folder", Assert.Throws<FileNotFoundException>(() => DataSource.Parse("./nothing/at/all").Files()).Message, StringComparison.Ordinal);
        Assert.Contains("holds no data", Assert.Throws<FileNotFoundException>(() => new DataSource(_folder).Files()).Message, StringComparison.Ordinal);
        Write("x.jsonl", 1);
        Assert.Contains("a file has no splits", Assert.Throws<ArgumentException>(() => DataSource.Parse(Path.Combine(_folder, "x.jsonl") + ":train").Files()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DataFile_Hash_IsSha256()
    {
        using var file = new TemporaryFile("abc", "abc");
        var hashed = DataFile.Of(file.Path); // FIPS 180-2, appendix B.1
        Assert.Equal((3L, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), (hashed.Bytes, hashed.Sha256));
    }

    private DataSource Source(string split) => DataSource.Parse($"{_folder}:{split}");

    private void Write(string name, int rows)
    {
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Concat(Enumerable.Range(0, rows).Select(i => $"{{\"i\":{i}}}\n")));
    }
}
