using System.Text.Json.Nodes;
using FsCheck.Xunit;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class PromptTemplateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ummrm-test-").FullName;
    private static readonly Conversation Question = Conversation.FromPrompt("Why?");
    private static readonly Conversation Dialogue = new([new Message("user", "Hi"), new Message("assistant", "Hello"), new Message("user", "Why?")]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("raw", "Why?Because.", "Because.")]
    [InlineData("coste", "<|prompter|>Why?<|endoftext|><|assistant|>Because.<|endoftext|>", "Because.<|endoftext|>")]
    [InlineData("hh", "\n\nHuman: Why?\n\nAssistant: Because.", " Because.")]
    [InlineData("world", "<bos> Why? <sep> Because.", " Because.")]
    [InlineData("alpaca", "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\nWhy?\n\n### Response:Because.", "Because.")]
    public void Render_BuiltIn_IsThePublishedFormat(string name, string text, string response)
    {
        var rendered = Named(name).Render(Question, "Because.");
        Assert.Equal(text, rendered.Text);
        Assert.Equal(response, rendered.Text[rendered.ResponseStart..]);
        Assert.True(Named(name).AppendsEos);
    }

    [Theory]
    [InlineData("alpaca", "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request.\n\n### Instruction:\nSort.\n\n### Input:\n3 {input} {content} 1\n\n### Response:x")]
    [InlineData("raw", "Sort.\n3 {input} {content} 1x")]
    [InlineData("hh", "\n\nHuman: Sort.\n3 {input} {content} 1\n\nAssistant: x")]
    public void Render_SeparateInput_HasItsPlace(string name, string text) =>
        Assert.Equal(text, Named(name).Render(Conversation.FromPrompt("Sort.") with { Input = "3 {input} {content} 1" }, "x").Text);

    [Theory]
    [InlineData("hh", "\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Why?\n\nAssistant: Because.")]
    [InlineData("coste", "<|prompter|>Hi<|endoftext|><|assistant|>Hello<|endoftext|><|prompter|>Why?<|endoftext|><|assistant|>Because.<|endoftext|>")]
    public void Render_SeveralTurns_FollowsTheFormat(string name, string text) => Assert.Equal(text, Named(name).Render(Dialogue, "Because.").Text);

    [Theory]
    [InlineData("raw")]
    [InlineData("alpaca")]
    [InlineData("world")]
    public void Render_SeveralTurnsInAFormatForOne_IsRefusedWithTheRemedy(string name)
    {
        var error = Assert.Throws<InvalidDataException>(() => Named(name).Render(Dialogue));
        Assert.Contains($"template '{name}' renders one user turn only, and the prompt has 3 (user, assistant, user)", error.Message, StringComparison.Ordinal);
        Assert.Contains("--template hh", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("system", "no place for a turn of the role 'system'")]
    [InlineData("tool", "no place for a turn of the role 'tool'")]
    [InlineData("assistant", "ends with the assistant's turn")]
    public void Render_TurnWithoutAPlace_IsRefused(string role, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Named("hh").Render(new Conversation([new Message("user", "a"), new Message(role, "b")]))).Message, StringComparison.Ordinal);

    [Fact]
    public void Render_ResponseThatWasCut_GetsNoEndMarker()
    {
        Assert.EndsWith("<|assistant|>Becau", Named("coste").Render(Question, "Becau", ended: false).Text, StringComparison.Ordinal);
        Assert.EndsWith("<|assistant|>", Named("coste").Render(Question).Text, StringComparison.Ordinal);
    }

    [Property(MaxTest = 300)]
    public bool Render_PromptAlone_IsWhatStandsBeforeTheResponse(string? prompt, string? response, bool ended)
    {
        var conversation = Conversation.FromPrompt(prompt ?? "");
        return PlainTemplate.BuiltIn.All(template =>
        {
            var before = template.Render(conversation);
            var whole = template.Render(conversation, response ?? "", ended);
            return before.ResponseStart == before.Text.Length && whole.ResponseStart == before.Text.Length && whole.Text.StartsWith(before.Text, StringComparison.Ordinal)
                && (!ended || template.ResponseIn(conversation, whole.Text[whole.ResponseStart..]) == (response ?? ""));
        });
    }

    [Fact]
    public void Resolve_Order_IsNameThenRecordThenChatTemplateThenRaw()
    {
        Assert.Equal("raw", PromptTemplate.Resolve(null, null).Name);
        Assert.Equal("raw", PromptTemplate.Resolve(null, _folder).Name);

        Write("tokenizer_config.json", """{"chat_template":null}""");
        Assert.Equal("raw", PromptTemplate.Resolve(null, _folder).Name);

        Write("tokenizer_config.json", """{"chat_template":"in config: {{ messages[0].content }}"}""");
        Assert.Equal("in config: Why?", PromptTemplate.Resolve(null, _folder).Render(Question).Text);
        Write("chat_template.jinja", "beside it: {{ messages[0].content }}");
        Assert.Equal("beside it: Why?", PromptTemplate.Resolve(null, _folder).Render(Question).Text);

        Write("reward.json", """{"max_length":512}""");
        Assert.Equal("chat", PromptTemplate.Resolve(null, _folder).Name);
        Write("reward.json", """{"template":"alpaca"}""");
        Assert.Equal("alpaca", PromptTemplate.Resolve(null, _folder).Name);
        Assert.Equal("hh", PromptTemplate.Resolve("hh", _folder).Name);
        Assert.Equal("beside it: Why?", PromptTemplate.Resolve("chat", _folder).Render(Question).Text);
        Write("reward.json", """{"template":"chat"}""");
        Assert.Equal("beside it: Why?", PromptTemplate.Resolve(null, _folder).Render(Question).Text);
        Assert.Equal("named: Why?", PromptTemplate.Resolve(Write("x.jinja", "named: {{ messages[0].content }}"), _folder).Render(Question).Text);
    }

    [Fact]
    public void ToJson_AnyTemplate_ComesBack()
    {
        foreach (var template in PlainTemplate.BuiltIn)
        {
            Assert.Equal(template.Name, (string?)template.ToJson());
            Assert.Equal(template, PromptTemplate.FromJson(template.ToJson(), "reward.json"));
        }
        var own = new PlainTemplate { Name = "zephyr-like", User = "<|user|>\n{content}</s>\n", Assistant = "<|assistant|>\n{content}</s>\n", System = "<|system|>\n{content}</s>\n", AppendsEos = false };
        Assert.Equal(own, PromptTemplate.FromJson(JsonNode.Parse(own.ToJson().ToJsonString())!, "reward.json"));
        Assert.Equal<PromptTemplate>(own, PromptTemplate.Resolve(Write("own.json", own.ToJson().ToJsonString()), null));
        Assert.Equal("<|system|>\nBe.</s>\n<|user|>\nWhy?</s>\n<|assistant|>\nOh.</s>\n", own.Render(new Conversation([new Message("system", "Be."), new Message("user", "Why?")]), "Oh.").Text);
    }

    [Theory]
    [InlineData("\"nothing\"", "'nothing' is unknown")]
    [InlineData("7", "cannot be read")]
    [InlineData("""{"name":"x","user":"{content}"}""", "assistant")]
    [InlineData("""{"name":"x","user":null,"assistant":"{content}"}""", "user of template 'x'")]
    [InlineData("""{"name":"x","user":"no place","assistant":"{content}"}""", "user of template 'x' is 'no place'")]
    [InlineData("""{"name":"x","user":"{content}","assistant":"{content}{content}"}""", "assistant of template 'x'")]
    [InlineData("""{"name":"x","user":"{content}","assistant":"{content}","user_with_input":"{input}{content}"}""", "user_with_input of template 'x'")]
    [InlineData("""{"name":"x","user":"{content}","assistant":"{content}","prefix":"y"}""", "prefix")]
    public void FromJson_NoFormat_NamesFileAndKey(string json, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => PromptTemplate.FromJson(JsonNode.Parse(json)!, "model/reward.json"));
        Assert.StartsWith("model/reward.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_UnknownName_ListsTheNames()
    {
        Assert.Contains("raw, alpaca, coste, hh, world, chat", Assert.Throws<ArgumentException>(() => PromptTemplate.Resolve("alpca", null)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => PromptTemplate.Resolve(Path.Combine(_folder, "none.json"), null));
        Assert.Throws<InvalidDataException>(() => PromptTemplate.Resolve(Write("broken.json", "{"), null));
        Assert.Throws<InvalidDataException>(() => PromptTemplate.Resolve(Write("x.jinja", "{{ messages"), null));
        Assert.Contains("holds no chat template", Assert.Throws<FileNotFoundException>(() => PromptTemplate.Resolve("chat", _folder)).Message, StringComparison.Ordinal);
        Assert.Contains("name a .jinja file", Assert.Throws<ArgumentException>(() => PromptTemplate.Resolve("chat", null)).Message, StringComparison.Ordinal);
    }

    private static PromptTemplate Named(string name) => PromptTemplate.Resolve(name, null);

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
