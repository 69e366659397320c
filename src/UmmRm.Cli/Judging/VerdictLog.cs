using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using UmmRm.Evaluation;

namespace UmmRm.Cli.Judging;

/// <summary>Every verdict as a line of JSON, written when it is there, so that a stopped run goes on without asking twice. A line that a kill cut is asked for again.</summary>
internal sealed class VerdictLog : IDisposable
{
    private static readonly JsonSerializerOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Dictionary<string, Judgement> _known = [];
    private readonly FileStream _file;
    private readonly Lock _gate = new();

    /// <summary>Opens or makes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="forgetUnanswered">Whether comparisons without an answer are asked for again.</param>
    /// <exception cref="InvalidDataException">A line before the last one is no verdict.</exception>
    /// <exception cref="IOException">Another process writes to it.</exception>
    public VerdictLog(string path, bool forgetUnanswered)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        foreach (var (number, line) in Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Index())
            Remember(line, $"{path}:{number + 1}", forgetUnanswered);
        _file.SetLength(whole);
        _file.Position = whole;
    }

    /// <summary>What names a comparison: the judge, how it is asked, and the texts in their order.</summary>
    public static string Key(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.LongLength));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    /// <summary>The verdict of an earlier run, or null.</summary>
    public Judgement? Find(string key) => _known.GetValueOrDefault(key);

    /// <summary>Writes a verdict down.</summary>
    /// <param name="key">The comparison.</param>
    /// <param name="row">The prompt's number, for people.</param>
    /// <param name="order">ab or ba: whose answer was shown first.</param>
    /// <param name="judge">The judge's name.</param>
    /// <param name="found">What it said.</param>
    public void Add(string key, int row, string order, string judge, Judgement found)
    {
        var line = new JsonObject
        {
            ["key"] = key,
            ["row"] = row,
            ["order"] = order,
            ["verdict"] = JsonNamingPolicy.SnakeCaseLower.ConvertName(found.Verdict.ToString()),
            ["answer"] = found.Answer,
            ["judge"] = judge,
            ["attempts"] = found.Attempts,
            ["input_tokens"] = found.InputTokens,
            ["output_tokens"] = found.OutputTokens,
        };
        lock (_gate)
        {
            _file.Write(Encoding.UTF8.GetBytes(line.ToJsonString(Form) + "\n"));
            _file.Flush();
            _known[key] = found;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Remember(string line, string origin, bool forgetUnanswered)
    {
        try
        {
            var row = JsonNode.Parse(line)!.AsObject();
            var verdict = Enum.Parse<Verdict>(row["verdict"]!.GetValue<string>().Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
            if (verdict != Verdict.NoAnswer || !forgetUnanswered)
                _known[row["key"]!.GetValue<string>()] = new Judgement(verdict, row["answer"]!.GetValue<string>(), row["attempts"]!.GetValue<int>(), row["input_tokens"]!.GetValue<long>(), row["output_tokens"]!.GetValue<long>());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"{origin}: it is no verdict as this verb writes it: {e.Message}; move the file away to ask everything anew", e);
        }
    }
}
