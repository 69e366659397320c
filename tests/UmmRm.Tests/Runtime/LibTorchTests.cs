using TorchSharp;
using UmmRm.Runtime;

namespace UmmRm.Tests.Runtime;

public sealed class LibTorchTests
{
    [Fact]
    public void LibTorch_OnFirstUseOfTorchSharp_LoadsByItself()
    {
        using var sum = torch.ones(3).sum();
        Assert.Equal(3f, sum.item<float>());
        Assert.StartsWith("libtorch:", LibTorch.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void ElfVersionNeeds_RequirementOfThatName_IsMarkedWeakAndNothingElseChanges()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF libraries are Linux's");
        var library = Directory.EnumerateFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).First();
        var before = File.ReadAllBytes(library);
        var after = before.ToArray();
        Assert.True(ElfVersionNeeds.MarkWeak(after, "GLIBCXX_3.4.32"));
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToList();
        var at = Assert.Single(changed);
        Assert.Equal(before[at] | 2, after[at]);
    }

    [Fact]
    public void ElfVersionNeeds_UnknownRequirement_LeavesTheBytesAlone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ELF libraries are Linux's");
        var library = Directory.EnumerateFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).First();
        var bytes = File.ReadAllBytes(library);
        Assert.False(ElfVersionNeeds.MarkWeak(bytes, "GLIBCXX_9.9.9"));
        Assert.Equal(File.ReadAllBytes(library), bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(70)]
    public void ElfVersionNeeds_NotAnElfFile_IsRefused(int length) =>
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(new byte[length], "GLIBCXX_3.4.32"));
}
