using System.Globalization;

namespace UmmRm.Reports;

/// <summary>Sizes in bytes as people read them.</summary>
public static class ByteSize
{
    /// <summary>Three figures or so in powers of 1,024: <c>712 B</c>, <c>1.4 MiB</c>, <c>12.9 GiB</c>.</summary>
    public static string Text(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var (value, unit) = ((double)bytes, 0);
        for (; value >= 1023.5 && unit < units.Length - 1; unit++)
            value /= 1024;
        return $"{value.ToString(unit == 0 || value >= 99.95 ? "F0" : "F1", CultureInfo.InvariantCulture)} {units[unit]}";
    }
}
