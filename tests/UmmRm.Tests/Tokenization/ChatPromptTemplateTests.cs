using UmmRm.Data;
using UmmRm.Recipes;
using UmmRm.Tests.Cli;
using UmmRm.Tokenization;

namespace UmmRm.Tests.Tokenization;

public sealed class ChatPromptTemplateTests : IDisposable
{
    private const string ChatMl = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content | trim }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static readonly Conversation Question = Conversation.FromPrompt("Why?");
    private static readonly Conversation Dialogue = new([new Message("system", "Be brief."), new Message("user", "Hi"), new Message("assistant", "Hello"), new Message("user", "Why?")]);

    private readonly string _folder = Directory.CreateTempSubdirectory("ummrm-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Render_ChatMl_IsTheWholeConversationAndNothingMore()
    {
        var template = Template(ChatMl);
        var rendered = template.Render(Dialogue, "Because.");
        Assert.Equal("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\nBecause.<|im_end|>\n", rendered.Text);
        Assert.Equal("Because.<|im_end|>\n", rendered.Text[rendered.ResponseStart..]);
        Assert.Equal(rendered.Text[..rendered.ResponseStart], template.Render(Dialogue).Text);
        Assert.Equal("Becau", template.Render(Dialogue, "Becau", ended: false).Text[rendered.ResponseStart..]);
        Assert.Equal("Because.", template.ResponseIn(Dialogue, "Because."));
        Assert.Equal("Because.", template.ResponseIn(Dialogue, "Because.<|im_end|>\n"));
        Assert.False(template.AppendsEos);
        Assert.Equal("chat", template.ToJson().ToString());
    }

    [Fact]
    public void Render_SeparateInput_FollowsTheLastTurn() =>
        Assert.StartsWith("<|im_start|>user\nSort.\n3 1 2<|im_end|>", Template(ChatMl).Render(Conversation.FromPrompt("Sort.") with { Input = "3 1 2" }).Text, StringComparison.Ordinal);

    [Fact]
    public void Render_SpaceBeforeTheResponse_BelongsToTheResponse()
    {
        var template = Template("{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }} {{ eos_token }}{% endif %}{% endfor %}", """{"bos_token": "<s>", "eos_token": {"content": "</s>"}}""");
        var rendered = template.Render(Question, "Because.");
        Assert.Equal("<s>[INST] Why? [/INST] Because. </s>", rendered.Text);
        Assert.Equal(" Because. </s>", rendered.Text[rendered.ResponseStart..]);
        Assert.Equal("Because.", template.ResponseIn(Question, " Because."));
    }

    [Fact]
    public void Render_OpeningThatOnlyThePromptHas_IsNoPartOfTheWhole()
    {
        var template = Template("{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant><think>{% endif %}");
        var rendered = template.Render(Question, "Because.");
        Assert.Equal(("<user>Why?<assistant>Because.", "Because."), (rendered.Text, rendered.Text[rendered.ResponseStart..]));
    }

    [Fact]
    public void Render_PairThatTheTextsShareHalfOf_IsNotCut()
    {
        var template = Template("{% for m in messages %}{{ m.content }}{% endfor %}{% if add_generation_prompt %}\U0001F600{% endif %}");
        Assert.Equal("\U0001F601", template.Render(Question, "\U0001F601") is { } text ? text.Text[text.ResponseStart..] : null);
    }

    [Fact]
    public void Render_RealTemplates_KnowWhereTheResponseBegins()
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), """{"bos_token": "<s>", "eos_token": "</s>"}""");
        var rendered = 0;
        foreach (var path in Directory.GetFiles(Path.Combine(Repository.SharedData("chat"), "templates")))
        {
            var template = ChatPromptTemplate.Load(path, _folder);
            foreach (var prompt in (Conversation[])[Question, Dialogue])
            {
                RenderedText whole;
                try
                {
                    whole = template.Render(prompt, "Because it is.");
                }
                catch (InvalidDataException)
                {
                    continue; // it needs tools, or has no place for a system turn
                }
                rendered++;
                var written = whole.Text[whole.ResponseStart..];
                Assert.Contains("Because it is.", written, StringComparison.Ordinal);
                Assert.StartsWith(whole.Text[..whole.ResponseStart], template.Render(prompt).Text, StringComparison.Ordinal);
                Assert.EndsWith("Because it is.", template.Render(prompt, "Because it is.", ended: false).Text, StringComparison.Ordinal);
                Assert.Equal("Because it is.", template.ResponseIn(prompt, written));
                Assert.Contains("Why?", whole.Text[..whole.ResponseStart], StringComparison.Ordinal);
            }
        }
        Assert.True(rendered >= 17, $"{rendered} rendered");
    }

    [Fact]
    public void Render_TemplateThatHidesTheResponse_SaysSo() =>
        Assert.Contains("does not show what the assistant's turn says", Assert.Throws<InvalidDataException>(() => Template("{{ messages[0].content }}").Render(Question, "a", ended: false)).Message, StringComparison.Ordinal);

    [Fact]
    public void Encode_Chat_AddsNoTokenOfItsOwn()
    {
        using var models = new TinyModels();
        var folder = models.Language();
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{{ bos_token }} {% for m in messages %}{{ m.content }} {{ eos_token }} {% endfor %}{% if add_generation_prompt %}w09 {% endif %}");
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"bos_token": "w01", "eos_token": "w03"}""");
        var model = ModelFolder.Open(folder);
        var encoder = model.Encoder();
        Assert.Equal("chat", encoder.Template.Name);
        var prompt = Conversation.FromPrompt("w20 w21");
        var text = encoder.EncodeWithStart(new Completion(prompt, "w30 w31", true));
        Assert.Equal([1, 20, 21, 3, 30, 31, 3], text.Ids);
        Assert.Equal(4, text.ResponseStart);
        Assert.Equal([1, 20, 21, 3, 9], encoder.EncodePrompt(prompt));
        Assert.Equal(text.Ids, encoder.Encode(new Completion(prompt, "w30 w31", true)));
        Assert.Equal([1, 20, 21, 3, 30, 31], encoder.Encode(new Completion(prompt, "w30 w31", false)));
        Assert.Equal("w30 w31", encoder.DecodeResponse(prompt, [30, 31, 3], ended: true).Response.Trim());
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("plain")]
    public void Cut_ShortensThePrompt_AndNeverTheCueToAnswer(string kind)
    {
        using var models = new TinyModels();
        var folder = models.Language();
        File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{% for m in messages %}{% if m.role == 'assistant' %}w08 w09 {% endif %}{{ m.content }} {{ eos_token }} {% endfor %}{% if add_generation_prompt %}w08 w09 {% endif %}");
        File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"bos_token": "w01", "eos_token": "w03"}""");
        File.WriteAllText(Path.Combine(folder, "plain.json"), """{"name": "plain", "user": "{content} w03 ", "assistant": "w08 w09 {content} w03"}""");
        var template = kind == "chat" ? "chat" : Path.Combine(folder, "plain.json");
        var prompt = Conversation.FromPrompt("w20 w21 w22");
        var pair = new PreferencePair(prompt, "w30 w31", "w32", "row");
        // 20 21 22 3 | 8 9 | 30 31 3, with 2 behind the plain format's
        foreach (var (limit, expected) in new (int, int[]?)[] { (9, [20, 21, 22, 3, 8, 9, 30, 31, 3]), (7, [22, 3, 8, 9, 30, 31, 3]), (5, [8, 9, 30, 31, 3]), (4, null) })
        {
            var end = kind == "chat" ? 0 : 1;
            var encoder = ModelFolder.Open(folder).Encoder(template, limit + end, OverLength.Cut);
            Assert.Equal(expected, encoder.Fit(encoder.EncodeWithStart(new Completion(prompt, "w30 w31", true)), prompt)?.Ids[..^end]);
            Assert.Equal(expected, encoder.Encode([pair]).Pairs.SingleOrDefault()?.Chosen[..^end]);
            Assert.Equal(expected is null ? 1 : 0, encoder.Encode([pair]).Dropped);
        }
    }

    [Fact]
    public void DecodeResponse_WhatTheTemplateWritesBeforeTheEndToken_IsNoPartOfTheResponse()
    {
        File.WriteAllText(Path.Combine(_folder, "t.jinja"), "{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %}!\n</s>{% else %}:{% endif %}{% endfor %}");
        var tokenizer = Tokenizer.Load(Repository.Golden("tokenizers", "spm-like"));
        var encoder = new SequenceEncoder(tokenizer, ChatPromptTemplate.Load(Path.Combine(_folder, "t.jinja")), endId: 2);
        var whole = encoder.EncodeWithStart(new Completion(Question, "it is so"));
        var written = whole.Ids[whole.ResponseStart..];
        Assert.Equal(2, written[^1]);
        Assert.Equal("it is so", encoder.DecodeResponse(Question, written, ended: true).Response.Trim(' '));
        Assert.EndsWith("so!\n", encoder.DecodeResponse(Question, written.AsSpan()[..^1], ended: false).Response, StringComparison.Ordinal);
    }

    private ChatPromptTemplate Template(string text, string? config = null)
    {
        var path = Path.Combine(_folder, "t.jinja");
        File.WriteAllText(path, text);
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), config ?? "{}");
        return ChatPromptTemplate.Load(path, _folder);
    }
}
