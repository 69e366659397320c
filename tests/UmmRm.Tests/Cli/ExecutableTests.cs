using System.Diagnostics;

namespace UmmRm.Tests.Cli;

/// <summary>The executable as a shell starts it.</summary>
public sealed class ExecutableTests
{
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "UmmRm.Cli.exe" : "UmmRm.Cli");

    [Theory]
    [InlineData(0, "--version")]
    [InlineData(0, "inspect", "--help")]
    [InlineData(1, "inspect", "/no/such/model")]
    [InlineData(2, "inspcet")]
    public async Task Executable_AnyCommandLine_ExitsWithItsCode(int code, params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(code, process.ExitCode);
        Assert.Equal(code == 0, (await output).Length > 0);
        Assert.Equal(code == 0, (await error).Length == 0);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("inspect", "tests/UmmRm.Tests/Golden/models/llama-gqa/rm")]
    public async Task Executable_WhatNeedsNoModel_DoesNotLoadLibtorch(params string[] arguments)
    {
        using var process = Start([.. arguments, "--verbose"]);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        await output;
        Assert.Equal((0, ""), (process.ExitCode, await error)); // --verbose would say how libtorch was loaded
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Executable, arguments)
    {
        WorkingDirectory = Repository.Root,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
