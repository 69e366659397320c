using Parquet;
using Parquet.Schema;
using UmmRm.Data;

namespace UmmRm.Tests.Data;

public sealed class ParquetFileTests
{
    [Fact]
    public void Read_SeveralRowGroups_NumbersRowsThroughTheFile() =>
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (long)i), ParquetFile.Read(Repository.Golden("data", "trl-explicit.parquet"), null).Select(row => row.Number));

    [Fact]
    public void Read_NamedColumns_LeavesOthersUnread()
    {
        var row = ParquetFile.Read(Repository.Golden("data", "unified_feedback.parquet"), ["source", "conv_A_rating", "absent"]).First();
        Assert.Equal("""{"conv_A_rating":1,"source":"webgpt_comparisons"}""", row.Fields.ToJsonString());
    }

    [Fact]
    public async Task Read_NullsAndEmptyListsAtEveryDepth_KeepTheirPlaces()
    {
        var text = (string name) => new DataField(name, typeof(string), true);
        var turns = new ListField("turns", new StructField("item", text("content"), text("role")));
        var tags = new ListField("tags", text("element"));
        var schema = new ParquetSchema(turns, tags, new DataField("score", typeof(int), true), new DataField("flag", typeof(bool), false));
        using var stream = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var group = writer.CreateRowGroup();
            // Definition levels of turns: 0 null, 1 empty, 2 a null turn, 3 a turn whose field is null, 4 a value; a repetition level of 1 goes on with the row's list.
            await Write(group, schema.DataFields[0], ["a", "b", "c"], [0, 1, 2, 4, 4, 4, 3], [0, 0, 0, 0, 0, 1, 1]);
            await Write(group, schema.DataFields[1], ["user", "assistant"], [0, 1, 2, 3, 4, 4, 3], [0, 0, 0, 0, 0, 1, 1]);
            await Write(group, schema.DataFields[2], ["x", "y", "z"], [3, 3, 0, 1, 2, 3], [0, 1, 0, 0, 0, 0]);
            await group.WriteAsync<int>(schema.DataFields[3], new int?[] { 1, null, 3, null, 5 }, cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync<bool>(schema.DataFields[4], new[] { true, false, true, false, true }, cancellationToken: TestContext.Current.CancellationToken);
            group.CompleteValidate();
        }
        using var file = new TemporaryFile("x.parquet", stream.ToArray());
        Assert.Equal(
            [
                """{"turns":null,"tags":["x","y"],"score":1,"flag":true}""",
                """{"turns":[],"tags":null,"score":null,"flag":false}""",
                """{"turns":[null],"tags":[],"score":3,"flag":true}""",
                """{"turns":[{"content":"a","role":null}],"tags":[null],"score":null,"flag":false}""",
                """{"turns":[{"content":"b","role":"user"},{"content":"c","role":"assistant"},{"content":null,"role":null}],"tags":["z"],"score":5,"flag":true}""",
            ],
            file.Source.Rows().Select(row => row.Fields.ToJsonString()));

        static async Task Write(ParquetRowGroupWriter group, DataField field, string[] values, int[] definition, int[] repetition) =>
            await group.WriteAllPartsAsync<ReadOnlyMemory<char>>(field, values.Select(value => value.AsMemory()).ToArray(), definition, repetition, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("trl-explicit.parquet")]
    [InlineData("trl-conversational-item.parquet")]
    public void Read_FileCutAnywhere_IsRefused(string name)
    {
        var whole = File.ReadAllBytes(Repository.Golden("data", name));
        for (var length = 0; length < whole.Length; length += 13)
        {
            using var file = new TemporaryFile("x.parquet", whole[..length]);
            var error = Record.Exception(() => file.Source.Rows().ToList());
            Assert.True(error is InvalidDataException, $"cut to {length} of {whole.Length} bytes: {error?.GetType().Name ?? "read as if whole"}");
        }
    }

    [Fact]
    public void Guard_ReadingThatNeverEnds_IsGivenUpOn()
    {
        using var never = new ManualResetEventSlim();
        var error = Assert.Throws<InvalidDataException>(() => ParquetFile.Guard("x.parquet", "the file", TimeSpan.FromMilliseconds(50), () =>
        {
            never.Wait(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            return 0;
        }));
        never.Set();
        Assert.Contains("x.parquet: the file cannot be read as parquet: reading it did not end", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trl-explicit-page-v2.parquet")]
    [InlineData("trl-conversational-item.parquet")]
    [InlineData("trl-explicit-large-string-zstd.parquet")]
    public void Read_FileWithWrongBytes_IsRefusedOrReadButNeverCrashes(string name)
    {
        var whole = File.ReadAllBytes(Repository.Golden("data", name));
        var random = new Random(1);
        for (var trial = 0; trial < 300; trial++)
        {
            var changed = whole.ToArray();
            for (var i = 0; i < 3; i++)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            using var file = new TemporaryFile("x.parquet", changed);
            var error = Record.Exception(() => file.Source.Rows().ToList());
            Assert.True(error is null or InvalidDataException, $"trial {trial}: {error}");
        }
    }
}
