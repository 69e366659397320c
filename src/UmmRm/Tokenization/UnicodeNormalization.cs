using System.Globalization;

namespace UmmRm.Tokenization;

/// <summary>
/// The Unicode normal forms (UAX #15) with the data of Unicode 14, the version of the reference library; independent of what the machine
/// has installed. Data: UnicodeNormalization.txt beside this file.
/// </summary>
internal sealed class UnicodeNormalization
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7, VowelCount = 21, TailCount = 28, HangulCount = 11172;

    private static readonly Lazy<UnicodeNormalization> Data = new(() => new UnicodeNormalization());

    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<long, int> _composed = [];
    private readonly HashSet<int> _seconds = [];
    private readonly Dictionary<int, byte> _combiningClasses = [];

    private UnicodeNormalization()
    {
        using var stream = typeof(UnicodeNormalization).Assembly.GetManifestResourceStream("UmmRm.Tokenization.UnicodeNormalization.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                Read(line[0], line[2..].Split(' '));
        }
        foreach (var codePoint in _compatible.Keys.ToList())
            _compatible[codePoint] = Expand(codePoint, _compatible);
        foreach (var (codePoint, parts) in _canonical.ToList())
        {
            _canonical[codePoint] = Expand(codePoint, _canonical);
            _compatible.TryAdd(codePoint, [.. parts.SelectMany(part => Expand(part, _compatible))]);
        }
    }

    /// <summary>Decomposes, orders and (for the composing forms) composes the text of a piece.</summary>
    public static Piece Normalize(Piece piece, bool compatibility, bool compose)
    {
        var data = Data.Value;
        if (!piece.Span.ContainsAnyExceptInRange('\0', '\u007F') || data.IsStable(piece.Span, compatibility, compose))
            return piece;
        var characters = data.Decompose(piece.Span, compatibility ? data._compatible : data._canonical);
        Order(characters);
        if (compose)
            data.Compose(characters);
        var builder = new AlignedTextBuilder(piece);
        foreach (var (codePoint, change, _) in characters)
        {
            if (change > 0)
                builder.Insert(new(codePoint));
            else
                builder.Replace(new(codePoint), -change);
        }
        return builder.Build();
    }

    private void Read(char kind, string[] fields)
    {
        var numbers = Array.ConvertAll(fields, field => int.Parse(field, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        if (kind == '@')
        {
            for (var codePoint = numbers[0]; codePoint <= numbers[1]; codePoint++)
                _combiningClasses[codePoint] = byte.Parse(fields[2], CultureInfo.InvariantCulture);
            return;
        }
        (kind == '~' ? _compatible : _canonical)[numbers[0]] = numbers[1..];
        if (kind != '=')
            return;
        _composed[Pair(numbers[1], numbers[2])] = numbers[0];
        _seconds.Add(numbers[2]);
    }

    /// <summary>The full decomposition: each part decomposed in its turn, by the given table or else canonically.</summary>
    private int[] Expand(int codePoint, Dictionary<int, int[]> table) =>
        table.TryGetValue(codePoint, out var parts) || _canonical.TryGetValue(codePoint, out parts) ? [.. parts.SelectMany(part => Expand(part, table))] : [codePoint];

    /// <summary>True when no character could change: none decomposes (or, composing, none that comes back otherwise), combines or is reordered.</summary>
    private bool IsStable(ReadOnlySpan<char> text, bool compatibility, bool compose)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var c = rune.Value;
            if (c < 0x80)
                continue;
            if (_combiningClasses.ContainsKey(c) || (compatibility && _compatible.ContainsKey(c) && !_canonical.ContainsKey(c)))
                return false;
            if (compose ? _seconds.Contains(c) || IsHangulPart(c) || !ComposesAgain(c, compatibility) : _canonical.ContainsKey(c) || IsHangul(c))
                return false;
        }
        return true;
    }

    private bool ComposesAgain(int codePoint, bool compatibility)
    {
        if (!(compatibility ? _compatible : _canonical).TryGetValue(codePoint, out var parts))
            return true;
        List<Character> characters = [.. parts.Select(part => new Character(part, 0, ClassOf(part)))];
        Compose(characters);
        return characters.Count == 1 && characters[0].CodePoint == codePoint;
    }

    /// <summary>A character of the text in the making; Change counts as in the reference: 1 a new one, 0 in place of one, -n in place of one and n after it.</summary>
    private readonly record struct Character(int CodePoint, int Change, byte Class);

    private List<Character> Decompose(ReadOnlySpan<char> text, Dictionary<int, int[]> table)
    {
        var characters = new List<Character>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsHangul(rune.Value))
                DecomposeHangul(rune.Value - HangulBase, characters);
            else if (table.TryGetValue(rune.Value, out var parts))
            {
                for (var i = 0; i < parts.Length; i++)
                    characters.Add(new Character(parts[i], i == 0 ? 0 : 1, ClassOf(parts[i])));
            }
            else
                characters.Add(new Character(rune.Value, 0, ClassOf(rune.Value)));
        }
        return characters;
    }

    private static void DecomposeHangul(int index, List<Character> characters)
    {
        characters.Add(new Character(LeadBase + index / (VowelCount * TailCount), 0, 0));
        characters.Add(new Character(VowelBase + index / TailCount % VowelCount, 1, 0));
        if (index % TailCount != 0)
            characters.Add(new Character(TailBase + index % TailCount, 1, 0));
    }

    /// <summary>Sorts each run of combining characters by class; equal classes keep their order.</summary>
    private static void Order(List<Character> characters)
    {
        for (var start = 0; start < characters.Count; start++)
        {
            if (characters[start].Class == 0)
                continue;
            var end = start + 1;
            while (end < characters.Count && characters[end].Class != 0)
                end++;
            var ordered = characters.GetRange(start, end - start).OrderBy(character => character.Class).ToList();
            for (var i = start; i < end; i++)
                characters[i] = ordered[i - start];
            start = end;
        }
    }

    /// <summary>Joins each character with the last starter where a composite exists and nothing of its class or above stands between.</summary>
    private void Compose(List<Character> characters)
    {
        int kept = 0, starter = -1, lastClass = 0;
        for (var i = 0; i < characters.Count; i++)
        {
            var character = characters[i];
            var adjacent = starter == kept - 1;
            if (starter >= 0 && (adjacent || lastClass < character.Class) && TryCompose(characters[starter].CodePoint, character.CodePoint, out var whole))
            {
                characters[starter] = new Character(whole, characters[starter].Change + character.Change - 1, ClassOf(whole));
                continue;
            }
            if (character.Class == 0)
                starter = kept;
            lastClass = character.Class;
            characters[kept++] = character;
        }
        characters.RemoveRange(kept, characters.Count - kept);
    }

    private bool TryCompose(int first, int second, out int whole)
    {
        if (first is >= LeadBase and < LeadBase + 19 && second is >= VowelBase and < VowelBase + VowelCount)
            whole = HangulBase + ((first - LeadBase) * VowelCount + second - VowelBase) * TailCount;
        else if (IsHangul(first) && (first - HangulBase) % TailCount == 0 && second is > TailBase and < TailBase + TailCount)
            whole = first + second - TailBase;
        else
            return _composed.TryGetValue(Pair(first, second), out whole);
        return true;
    }

    private byte ClassOf(int codePoint) => _combiningClasses.GetValueOrDefault(codePoint);

    private static bool IsHangul(int codePoint) => codePoint is >= HangulBase and < HangulBase + HangulCount;

    private static bool IsHangulPart(int codePoint) => codePoint is >= VowelBase and < TailBase + TailCount;

    private static long Pair(int first, int second) => ((long)first << 32) | (uint)second;
}
