using System.Diagnostics;
using System.Globalization;

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

    [Fact]
    public async Task Executable_LinesThroughAPipe_AreAnsweredOneByOne()
    {
        using var process = Start(Tokenize);
        foreach (var line in (string[])["hello", "", "world"])
        {
            await process.StandardInput.WriteAsync($"{line}\n".AsMemory(), Cancel);
            await process.StandardInput.FlushAsync(Cancel);
            Assert.StartsWith("[", await process.StandardOutput.ReadLineAsync(Cancel), StringComparison.Ordinal);
        }
        process.StandardInput.Close();
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Executable_ReaderLeaves_EndsQuietlyWithoutReadingOn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a Unix pipe");
        using var process = Start(Tokenize);
        process.StandardOutput.Close();
        await process.StandardInput.WriteAsync("hello\n".AsMemory(), Cancel);
        await process.StandardInput.FlushAsync(Cancel); // stdin stays open: only the closed pipe can end the process
        var error = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal((0, ""), (process.ExitCode, await error));
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Executable_SignalToAVerbWithoutSteps_EndsItAtOnce(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix signals");
        using var process = Start(Tokenize);
        await process.StandardInput.WriteAsync("hello\n".AsMemory(), Cancel);
        await process.StandardInput.FlushAsync(Cancel);
        await process.StandardOutput.ReadLineAsync(Cancel); // now it waits for the next line
        await SendSignal(process, signal);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(130, process.ExitCode);
    }

    private static string[] Tokenize => ["tokenize", "--tokenizer", Repository.Golden("tokenizers", "llama3-like")];

    private static async Task SendSignal(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(Cancel);
        Assert.Equal(0, kill.ExitCode);
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
