using System.Diagnostics;

namespace UmmRm.Tests.Cli.Serving;

/// <summary>A few lines of Python, for examples that the documentation gives in it.</summary>
internal static class PythonScript
{
    /// <summary>What a script prints; the test is skipped where there is no python3 with the package.</summary>
    public static async Task<string> Run(string script, string needs)
    {
        var (known, _, _) = await Python($"import {needs}");
        Assert.SkipWhen(known != 0, $"there is no python3 with {needs}");
        var (code, output, error) = await Python(script);
        Assert.True(code == 0, error);
        return output.Trim();
    }

    private static async Task<(int Code, string Output, string Error)> Python(string script)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("python3", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["NO_PROXY"] = "127.0.0.1" } })!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await error);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, "", e.Message); // no python3
        }
    }
}
