namespace UmmRm.Tokenization;

/// <summary>The formats that have a name.</summary>
public sealed partial record PlainTemplate
{
    /// <summary>The prompt followed by the response, nothing between.</summary>
    public static PlainTemplate Raw { get; } = new() { Name = "raw", User = "{content}", Assistant = "{content}", SingleTurn = true };

    /// <summary>The formats that have a name, <see cref="Raw"/> first.</summary>
    public static IReadOnlyList<PlainTemplate> BuiltIn { get; } =
    [
        Raw,
        new() // Stanford Alpaca and AlpacaFarm
        {
            Name = "alpaca",
            User = "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n### Instruction:\n{content}\n\n",
            UserWithInput = "Below is an instruction that describes a task, paired with an input that provides further context. Write a response that appropriately completes the request."
                + "\n\n### Instruction:\n{content}\n\n### Input:\n{input}\n\n",
            Assistant = "### Response:{content}",
            SingleTurn = true,
        },
        new() { Name = "coste", User = "<|prompter|>{content}<|endoftext|>", Assistant = "<|assistant|>{content}<|endoftext|>" }, // arXiv 2310.02743
        new() { Name = "hh", User = "\n\nHuman: {content}", Assistant = "\n\nAssistant: {content}" }, // Anthropic HH's own
        new() { Name = "world", User = "<bos> {content}", Assistant = " <sep> {content}", SingleTurn = true }, // the built-in world's words
    ];
}
