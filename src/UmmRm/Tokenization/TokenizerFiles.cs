using System.Text.Json;

namespace UmmRm.Tokenization;

/// <summary>The files of a tokenizer, in memory: what they say, and their bytes for writing them elsewhere.</summary>
internal sealed class TokenizerFiles
{
    public const string Json = "tokenizer.json", Vocab = "vocab.json", Merges = "merges.txt", Model = "tokenizer.model", Config = "tokenizer_config.json", Map = "special_tokens_map.json";

    /// <summary>Files that travel along.</summary>
    private static readonly string[] Companions = [Config, Map, "added_tokens.json", "chat_template.jinja"];

    private readonly string folder;
    private readonly Dictionary<string, byte[]> contents;

    public TokenizerFiles(string folder, Dictionary<string, byte[]> contents) => (this.folder, this.contents) = (folder, contents);

    /// <summary>The tokens that tokenizer_config.json, else special_tokens_map.json, names.</summary>
    public (string? Bos, string? Eos, string? Pad) NamedTokens => (NamedToken("bos_token"), NamedToken("eos_token"), NamedToken("pad_token"));

    /// <summary>Reads the files of a folder, or the file (with its partner) that is named.</summary>
    public static TokenizerFiles Open(string path)
    {
        if (File.Exists(path))
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return Path.GetFileName(path) switch
            {
                Vocab or Merges => OpenFiles(folder, Vocab, Merges),
                var name => OpenFiles(folder, name),
            };
        }
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"there is no tokenizer at {path}: neither a folder nor a file", path);
        if (File.Exists(Path.Combine(path, Json)))
            return OpenFiles(path, Json);
        if (File.Exists(Path.Combine(path, Vocab)) && File.Exists(Path.Combine(path, Merges)))
            return OpenFiles(path, Vocab, Merges);
        if (File.Exists(Path.Combine(path, Model)))
            return OpenFiles(path, Model);
        throw new FileNotFoundException($"{path} holds no tokenizer: expected {Json}, or {Vocab} with {Merges}, or {Model}", path);
    }

    /// <summary>Builds the tokenizer's parts.</summary>
    public TokenizerParts Read()
    {
        var main = contents.Keys.First();
        if (main == Vocab)
            return VocabularyFiles.Read(PathOf(Vocab), contents[Vocab], PathOf(Merges), contents[Merges], Section(Config));
        return Path.GetExtension(main) == ".model" ? SentencePieceModel.Read(PathOf(main), contents[main], Section(Config)) : TokenizerJson.Read(PathOf(main), contents[main]);
    }

    /// <summary>Writes all files, each whole or not at all.</summary>
    public void Save(string target)
    {
        Directory.CreateDirectory(target);
        foreach (var (name, bytes) in contents)
        {
            var path = Path.Combine(target, name);
            var temporary = $"{path}.{Environment.ProcessId}.partial";
            try
            {
                using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
                {
                    stream.Write(bytes);
                    stream.Flush(flushToDisk: true);
                }
                File.Move(temporary, path, overwrite: true);
            }
            catch
            {
                File.Delete(temporary);
                throw;
            }
        }
    }

    private static TokenizerFiles OpenFiles(string folder, params string[] names) => new(folder, names.Concat(Companions.Where(name => File.Exists(Path.Combine(folder, name))))
        .ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(folder, name))));

    private string PathOf(string name) => Path.Combine(folder, name);

    private string? NamedToken(string key)
    {
        var token = Section(Config)[key];
        if (token.IsNull)
            token = Section(Map)[key];
        if (token.IsNull)
            return null;
        return token.Element.ValueKind == JsonValueKind.Object ? token["content"].Text() : token.Text();
    }

    /// <summary>A companion file's JSON object; an empty one when there is no such file.</summary>
    private JsonSection Section(string name)
    {
        try
        {
            return new JsonSection(PathOf(name), "", JsonElement.Parse(contents.TryGetValue(name, out var bytes) ? bytes : "{}"u8));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{PathOf(name)} is not valid JSON ({e.Message}); the file is damaged: fetch it again", e);
        }
    }
}
