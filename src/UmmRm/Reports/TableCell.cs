using System.Globalization;
using System.Text.Json;
using UmmRm.Evaluation;

namespace UmmRm.Reports;

/// <summary>One cell of a <see cref="ResultTable"/>: what a reader sees, and the numbers behind it for machines.</summary>
/// <param name="Text">What is printed.</param>
/// <param name="Value">The number, unrounded; null for a text.</param>
/// <param name="Interval">The number's interval, or null.</param>
public readonly record struct TableCell(string Text, double? Value = null, Interval? Interval = null)
{
    /// <summary>What is printed where there is no number: nothing was measured, or 0 / 0.</summary>
    public const string Missing = "-";

    /// <summary>A share or probability with three decimals, without the zero before the point: <c>.734</c>.</summary>
    public static TableCell Share(double value) => new(Short(value), value);

    /// <summary>A share and its interval: <c>.734 [.712, .755]</c>.</summary>
    public static TableCell Share(double value, Interval interval) => new($"{Short(value)} [{Short(interval.Low)}, {Short(interval.High)}]", value, interval);

    /// <summary>A number with a fixed count of decimals.</summary>
    public static TableCell Number(double value, int decimals) => new(double.IsNaN(value) ? Missing : Fixed(value, decimals), value);

    /// <summary>A number and its interval: <c>2.41 [2.10, 2.72]</c>.</summary>
    public static TableCell Number(double value, Interval interval, int decimals = 2) =>
        new($"{Fixed(value, decimals)} [{Fixed(interval.Low, decimals)}, {Fixed(interval.High, decimals)}]", value, interval);

    /// <summary>A difference and its interval, all with their signs: <c>+0.31 [+0.09, +0.53]</c>.</summary>
    public static TableCell Difference(double value, Interval interval, int decimals = 2)
    {
        var digits = $"0.{new string('0', decimals)}";
        string Text(double number) => number.ToString($"+{digits};-{digits};{digits}", CultureInfo.InvariantCulture);
        return new($"{Text(value)} [{Text(interval.Low)}, {Text(interval.High)}]", value, interval);
    }

    /// <summary>A whole number with commas between thousands.</summary>
    public static TableCell Count(long value) => new(value.ToString("N0", CultureInfo.InvariantCulture), value);

    /// <summary>A text.</summary>
    public static implicit operator TableCell(string text) => FromString(text);

    /// <summary>A text.</summary>
    public static TableCell FromString(string text) => new(text);

    internal void WriteJson(Utf8JsonWriter json)
    {
        if (Value is null)
        {
            json.WriteStringValue(Text);
            return;
        }
        if (Interval is not { } interval)
        {
            WriteNumber(json, Value);
            return;
        }
        json.WriteStartObject();
        json.WritePropertyName("value");
        WriteNumber(json, Value);
        json.WriteStartArray("interval");
        WriteNumber(json, interval.Low);
        WriteNumber(json, interval.High);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>JSON has no NaN: what is not a finite number is null.</summary>
    private static void WriteNumber(Utf8JsonWriter json, double? number)
    {
        if (number is { } value && double.IsFinite(value))
            json.WriteNumberValue(value);
        else
            json.WriteNullValue();
    }

    /// <summary>With so many decimals; what they round to 0 has no sign.</summary>
    private static string Fixed(double value, int decimals)
    {
        var digits = decimals == 0 ? "0" : $"0.{new string('0', decimals)}";
        return value.ToString($"{digits};-{digits};{digits}", CultureInfo.InvariantCulture);
    }

    private static string Short(double value)
    {
        if (double.IsNaN(value))
            return Missing;
        var text = value.ToString("F3", CultureInfo.InvariantCulture);
        return text switch
        {
            "-0.000" => ".000",
            ['0', '.', ..] => text[1..],
            ['-', '0', '.', ..] => $"-{text[2..]}",
            _ => text,
        };
    }
}
