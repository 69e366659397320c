using System.Text.Json;

namespace UmmRm.Tokenization;

/// <summary>The files of a tokenizer, in memory: what they say, and their bytes for writing them elsewhere.</summary>
internal sealed class TokenizerFiles
{
    public const string Json = "tokenizer.json", Vocab = "vocab.json", Merges = "merges.txt", Model = "tokenizer.model", Config = "tokenizer_config.json", Map = "special_tokens_map.json";

    /// <summary>Files that travel along.</summary>
    private static readonly string[] Companions = [Config, Map, "added_tokens.json", "chat_template.jinja"];

    private readonly Dictionary<string, SourceFile> _files;

    private TokenizerFiles(Dictionary<string, SourceFile> files) => _files = files;

    /// <summary>Files that were made here.</summary>
    /// <param name="folder">Where they belong, for messages.</param>
    /// <param name="contents">Their bytes by name.</param>
    public TokenizerFiles(string folder, Dictionary<string, byte[]> contents) =>
        _files = contents.ToDictionary(file => file.Key, file => new SourceFile(Path.Combine(folder, file.Key), file.Value));

    private readonly record struct SourceFile(string Path, byte[] Bytes);

    /// <summary>The tokens that tokenizer_config.json, else special_tokens_map.json, names.</summary>
    public (string? Bos, string? Eos, string? Pad) NamedTokens => (NamedToken("bos_token"), NamedToken("eos_token"), NamedToken("pad_token"));

    /// <summary>Reads the files of a folder, or the file (with its partner) that is named.</summary>
    public static TokenizerFiles Open(string path)
    {
        if (File.Exists(path))
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            if (Path.GetFileName(path) is Vocab or Merges)
                return OpenFiles(folder, (Vocab, Path.Combine(folder, Vocab)), (Merges, Path.Combine(folder, Merges)));
            return OpenFiles(folder, (Path.GetExtension(path) == ".model" ? Model : Json, path));
        }
        if (!Directory.Exists(path))
            throw new FileNotFoundException($"there is no tokenizer at {path}: neither a folder nor a file", path);
        foreach (var name in (string[])[Json, Vocab, Model])
        {
            if (File.Exists(Path.Combine(path, name)) && (name != Vocab || File.Exists(Path.Combine(path, Merges))))
                return name == Vocab ? Open(Path.Combine(path, Vocab)) : OpenFiles(path, (name, Path.Combine(path, name)));
        }
        throw new FileNotFoundException($"{path} holds no tokenizer; expected {Json}, or {Vocab} with {Merges}, or {Model}", path);
    }

    /// <summary>Builds the tokenizer's parts.</summary>
    public TokenizerParts Read()
    {
        if (_files.TryGetValue(Json, out var json))
            return TokenizerJson.Read(json.Path, json.Bytes);
        if (_files.TryGetValue(Vocab, out var vocab))
            return VocabularyFiles.Read(vocab.Path, vocab.Bytes, _files[Merges].Path, _files[Merges].Bytes, Section(Config));
        return SentencePieceModel.Read(_files[Model].Path, _files[Model].Bytes, Section(Config));
    }

    /// <summary>Writes all files: they appear when all are written, or none of them does.</summary>
    public void Save(string target)
    {
        var isNew = !Directory.Exists(target);
        Directory.CreateDirectory(target);
        try
        {
            foreach (var (name, file) in _files)
            {
                using var stream = new FileStream(Temporary(target, name), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
                stream.Write(file.Bytes);
                stream.Flush(flushToDisk: true);
            }
            foreach (var name in _files.Keys)
                File.Move(Temporary(target, name), Path.Combine(target, name), overwrite: true);
        }
        catch
        {
            foreach (var name in _files.Keys)
                File.Delete(Temporary(target, name));
            if (isNew)
                Directory.Delete(target, recursive: true);
            throw;
        }
    }

    private static string Temporary(string target, string name) => Path.Combine(target, $"{name}.{Environment.ProcessId}.partial");

    private static TokenizerFiles OpenFiles(string folder, params (string Name, string Path)[] main)
    {
        var companions = Companions.Select(name => (Name: name, Path: Path.Combine(folder, name))).Where(file => File.Exists(file.Path));
        foreach (var (_, path) in main)
        {
            if (!File.Exists(path))
                throw new FileNotFoundException($"{path} is missing; {Vocab} and {Merges} belong together", path);
        }
        return new TokenizerFiles(main.Concat(companions).ToDictionary(file => file.Name, file => new SourceFile(file.Path, File.ReadAllBytes(file.Path))));
    }

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
        var file = _files.TryGetValue(name, out var found) ? found : new SourceFile(name, "{}"u8.ToArray());
        try
        {
            return new JsonSection(file.Path, "", JsonElement.Parse(file.Bytes));
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file.Path} is not valid JSON ({e.Message}); the file is damaged: fetch it again", e);
        }
    }
}
