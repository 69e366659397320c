using System.Security.Cryptography;
using System.Text;

namespace UmmRm.Recipes;

/// <summary>
/// Everything that a stage's result follows from: its settings, the content of what it reads, its seed and the code's version. Two
/// stages with equal fingerprints write equal files.
/// </summary>
internal sealed record StageIdentity(string Fingerprint, IReadOnlyDictionary<string, string> Facts)
{
    /// <summary>The identity of a stage.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="code">The version of the code that does it.</param>
    /// <param name="contentOf">Fingerprint of an input stage, or hash of an input file.</param>
    public static StageIdentity Of(Stage stage, long seed, string code, Func<InputReference, string> contentOf)
    {
        var facts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, text) in StageSettings.Flatten(StageSettings.ToNode(stage, r => r.IsWord ? r.Target : contentOf(r) + r.Suffix), ""))
            facts[key] = text;
        facts["kind"] = StageKind.Of(stage).Name;
        facts["seed"] = SettingText.Of(seed);
        facts["code"] = code;
        var lines = facts.Select(fact => $"{fact.Key}\0{fact.Value}\0");
        return new StageIdentity(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines)))), facts);
    }

    /// <summary>What differs from an earlier identity, in words.</summary>
    public string ChangesFrom(IReadOnlyDictionary<string, string> earlier)
    {
        var changes = Facts.Keys.Union(earlier.Keys).Where(key => Facts.GetValueOrDefault(key) != earlier.GetValueOrDefault(key)).ToArray();
        var words = changes.Take(3).Select(key => (earlier.GetValueOrDefault(key), Facts.GetValueOrDefault(key)) switch
        {
            (null, _) => $"{key} is new",
            (_, null) => $"{key} is gone",
            ({ Length: >= 64 }, _) => $"{key} has another content",
            var (was, now) => $"{key} was {was} and is {now}",
        });
        return string.Join("; ", words) + (changes.Length > 3 ? $"; and {changes.Length - 3} more" : "");
    }
}
