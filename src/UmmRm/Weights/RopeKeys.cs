using UmmRm.Models;

namespace UmmRm.Weights;

/// <summary>The rotary embedding's settings, in transformers 5's words (<c>rope_parameters</c>) or transformers 4's (<c>rope_theta</c>, <c>rope_scaling</c>; <c>rotary_emb_base</c>, <c>rotary_pct</c>).</summary>
/// <param name="Theta">Base of the frequencies.</param>
/// <param name="Fraction">Share of a head's width that is rotated.</param>
/// <param name="Scaling">Llama 3's rescaling, or null.</param>
internal sealed record RopeKeys(double Theta, double Fraction, Llama3RopeScaling? Scaling)
{
    /// <summary>Reads them; where both generations are present, transformers' order of precedence applies.</summary>
    /// <param name="keys">config.json.</param>
    /// <param name="thetaKey">The older word for the base.</param>
    /// <param name="defaultFraction">The rotated share when nothing names it.</param>
    /// <param name="fractionKey">The family's older word for the rotated share, if it has one.</param>
    public static RopeKeys Read(ConfigKeys keys, string thetaKey, double defaultFraction, string? fractionKey)
    {
        var nested = keys.OptionalObject("rope_scaling") ?? keys.OptionalObject("rope_parameters");
        var theta = nested?.OptionalDouble("rope_theta") ?? keys.OptionalDouble(thetaKey) ?? keys.OptionalDouble("rope_theta") ?? 10000;
        var fraction = nested?.OptionalDouble("partial_rotary_factor") ?? (fractionKey is null ? null : keys.OptionalDouble(fractionKey)) ?? keys.OptionalDouble("partial_rotary_factor") ?? defaultFraction;
        return new RopeKeys(theta, fraction, nested is null ? null : ReadScaling(nested));
    }

    private static Llama3RopeScaling? ReadScaling(ConfigKeys nested)
    {
        var key = nested.Has("rope_type") ? "rope_type" : "type"; // "type" is the oldest word
        var type = nested.OptionalText(key) ?? "default";
        if (type is not ("default" or "llama3"))
            throw nested.Wrong(key, "default or llama3; other rotary scalings are not supported");
        nested.AllowOnly("rope_type", "type", "rope_theta", "partial_rotary_factor", "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings");
        return type == "default"
            ? null
            : new Llama3RopeScaling(nested.Double("factor"), nested.Double("low_freq_factor"), nested.Double("high_freq_factor"), nested.Int("original_max_position_embeddings"));
    }
}
