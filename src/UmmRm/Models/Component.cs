using static TorchSharp.torch;

namespace UmmRm.Models;

/// <summary>
/// A module whose parameters and children are exactly those registered by name: the names are the checkpoint's keys, so
/// TorchSharp's own registration of fields under their C# names is switched off.
/// </summary>
public abstract class Component : nn.Module
{
    private protected Component(string name) : base(name)
    {
    }

    /// <inheritdoc/>
    protected override void RegisterComponents()
    {
    }
}
