using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using UmmRm.Tokenization;

namespace UmmRm.Evaluation;

/// <summary>The words in which a language model is asked for a verdict: a text with <c>{{request}}</c>, <c>{{answer_1}}</c> and <c>{{answer_2}}</c>, to be answered with a last line <c>Verdict: 1</c>, <c>2</c> or <c>tie</c>.</summary>
public sealed partial class JudgePrompt
{
    private static readonly string[] Places = ["{{request}}", "{{answer_1}}", "{{answer_2}}"];
    private readonly string _text;

    private JudgePrompt(string name, string text)
    {
        foreach (var place in Places)
        {
            if (text.Split(place).Length != 2)
                throw new InvalidDataException($"{name}: {place} stands {text.Split(place).Length - 1} times in it; a judge's prompt has {string.Join(", ", Places)}, each once");
        }
        (Name, _text) = (name, text);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>Its file's name, which stands in every result.</summary>
    public string Name { get; }

    /// <summary>SHA-256 of the text, in hexadecimal digits: results of different prompts do not compare.</summary>
    public string Hash { get; }

    /// <summary>The one that comes along, <c>Evaluation/JudgePrompt.md</c>. The paper's own was lost with its appendix.</summary>
    public static JudgePrompt Default { get; } = new("JudgePrompt.md", Embedded());

    /// <summary>Reads another one.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A place is missing or repeated.</exception>
    public static JudgePrompt Load(string path) => new(Path.GetFileName(path), File.ReadAllText(path));

    /// <summary>The whole request. Answers go in as they are: a <c>{{request}}</c> inside of one stays there.</summary>
    public string Render(Conversation prompt, string first, string second) => Place().Replace(_text, place => place.Value switch
    {
        "{{request}}" => Request(prompt),
        "{{answer_1}}" => first,
        _ => second,
    });

    /// <summary>The verdict of the last line that holds one; null when there is none.</summary>
    public static Verdict? Read(string answer) => VerdictLine().Matches(answer) is { Count: > 0 } lines
        ? lines[^1].Groups[1].Value.ToLowerInvariant() switch { "1" => Verdict.First, "2" => Verdict.Second, _ => Verdict.Tie }
        : null;

    private static string Request(Conversation prompt)
    {
        var turns = prompt.Turns.Count == 1 ? prompt.Turns[0].Content : string.Join("\n\n", prompt.Turns.Select(turn => $"{turn.Role}: {turn.Content}"));
        return string.IsNullOrEmpty(prompt.Input) ? turns : $"{turns}\n\n{prompt.Input}";
    }

    private static string Embedded()
    {
        using var reader = new StreamReader(typeof(JudgePrompt).Assembly.GetManifestResourceStream("UmmRm.Evaluation.JudgePrompt.md")!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"\{\{(request|answer_1|answer_2)\}\}")]
    private static partial Regex Place();

    [GeneratedRegex(@"^[\s*_#>]*verdict\W*\s*(1|2|tie)\b", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex VerdictLine();
}
