using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>Modules under the names 0, 1, 2, ..., as checkpoints number layers and experts.</summary>
internal sealed class NumberedModules : Component
{
    public NumberedModules(IEnumerable<nn.Module> modules) : base(nameof(NumberedModules))
    {
        var index = 0;
        foreach (var module in modules)
            register_module($"{index++}", module);
    }
}
