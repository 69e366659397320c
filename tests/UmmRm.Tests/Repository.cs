namespace UmmRm.Tests;

/// <summary>Where things lie: the repository, the committed reference values, and the shared data beside the checkout (which may be absent).</summary>
internal static class Repository
{
    /// <summary>The folder that holds UmmRm.slnx.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Path of a committed reference file or folder under tests/UmmRm.Tests/Golden.</summary>
    public static string Golden(params string[] parts) => Path.Combine([Root, "tests", "UmmRm.Tests", "Golden", .. parts]);

    /// <summary>Path under the shared real data; the test is skipped, with the reason, where it is absent.</summary>
    public static string SharedData(params string[] parts)
    {
        var path = Path.Combine([Root, "..", "shared", "data", .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"real data is not beside this checkout: {path}");
        return Path.GetFullPath(path);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "UmmRm.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"UmmRm.slnx was not found above {AppContext.BaseDirectory}");
    }
}
