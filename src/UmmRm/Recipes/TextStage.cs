#pragma warning disable CS1591 // each key is described once, in its Setting attribute

using UmmRm.Data;
using UmmRm.Runtime;

namespace UmmRm.Recipes;

/// <summary>A stage that renders rows, tokenizes them and runs a model over them.</summary>
public abstract record TextStage : Stage
{
    [Setting("How a prompt and a response become one text: raw, alpaca, coste, hh, world, chat (the chat template of the model's folder), a .jinja file with a chat template or a .json file with a plain format. null: as the model's folder records, else its chat template, else raw.", Words = "raw|alpaca|coste|hh|world|chat")]
    public InputReference? Template { get; init; }

    [Setting("The longest rendered prompt and response. null: as the model's folder records, else what its positions allow.", Unit = "tokens", Minimum = 2)]
    public int? MaxLength { get; init; }

    [Setting("What happens to a row longer than max_length: drop leaves it out, cut shortens its prompt from the start. Both are counted.")]
    public OverLength OverLength { get; init; } = OverLength.Drop;

    [Setting("What happens to a row that lies (identical or empty sides, prompts that differ): error stops, drop leaves it out and counts it.")]
    public BadRows BadRows { get; init; } = BadRows.Error;

    [Setting("The most tokens in one forward pass, padding included; an optimiser step accumulates over as many passes as its batch needs.", Unit = "tokens", Minimum = 1)]
    public int TokenBudget { get; init; } = 8192;

    [Setting("Number format: float32; mixed keeps parameters, gradients and optimiser state in float32 and multiplies in bfloat16; bfloat16 keeps everything in bfloat16.")]
    public Precision Precision { get; init; } = Precision.Float32;
}
