using System.Diagnostics;
using System.Globalization;
using UmmRm.Reports;

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

    [Fact]
    public async Task Executable_StandardInputThatIsClosed_HasNoRows() // and does not wait for ever at a pipe of the runtime's own
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux's /proc");
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"'{Executable}' {string.Join(' ', Tokenize)} <&-"]) { WorkingDirectory = Repository.Root })!;
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Executable_StoppedWhileItReadsRows_LeavesNothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix signals");
        var folder = Directory.CreateTempSubdirectory("ummrm-test-").FullName;
        using var process = Start("reward", "--model", "tests/UmmRm.Tests/Golden/models/llama-gqa/rm", "--data", "-", "--output", Path.Combine(folder, "run"));
        await process.StandardInput.WriteAsync("{\"prompt\":\n".AsMemory(), Cancel);
        await process.StandardInput.FlushAsync(Cancel);
        while (!process.HasExited && !Directory.Exists(Path.Combine(folder, "run")))
            await Task.Delay(20, Cancel);
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
            await kill.WaitForExitAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(130, process.ExitCode);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    [Fact]
    public async Task Executable_StandardOutputOnADiskThatIsFull_FailsWithARemedy()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Linux's device that is always full");
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"'{Executable}' inspect tests/UmmRm.Tests/Golden/models/llama-gqa/rm > /dev/full"]) { WorkingDirectory = Repository.Root, RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("No space left on device: make room there", error, StringComparison.Ordinal);
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

    [Fact]
    public async Task Executable_SignalsToATraining_FinishTheStepAndTheSecondEndsAtOnceAndItGoesOnWithoutDuplicates()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix signals");
        var folder = Directory.CreateTempSubdirectory("stop-").FullName;
        try
        {
            var recipe = Path.Combine(folder, "recipe.yaml");
            await File.WriteAllTextAsync(recipe, EndlessTraining, Cancel);
            var (run, metrics) = (Path.Combine(folder, "run"), Path.Combine(folder, "run", MetricLog.FileName));
            foreach (var signals in (int[])[1, 2])
            {
                using var process = Start("run", recipe, "--output", run, "--threads", "1");
                var error = process.StandardError.ReadToEndAsync(Cancel);
                var before = File.Exists(metrics) ? new FileInfo(metrics).Length : 0;
                while (!process.HasExited && !(File.Exists(metrics) && new FileInfo(metrics).Length > before))
                    await Task.Delay(20, Cancel);
                for (var i = 0; i < signals; i++)
                {
                    await SendSignal(process, "INT");
                    await Task.Delay(20, Cancel); // two signals at the same moment would be one
                }
                await process.WaitForExitAsync(Cancel);
                Assert.Equal(130, process.ExitCode);
                Assert.Contains("stopping after this step", await error, StringComparison.Ordinal);
                if (signals == 1)
                    Assert.Contains("\"status\": \"stopped\"", await File.ReadAllTextAsync(Path.Combine(run, "run.json"), Cancel), StringComparison.Ordinal);
            }
            var steps = MetricLog.Read(metrics).Select(line => line.Step).ToList();
            Assert.Equal(Enumerable.Range(1, steps.Count).Select(step => (long)step), steps);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private const string EndlessTraining =
        """
        name: endless
        seed: 1
        stages:
          world: { kind: world }
          backbone: { kind: init, tokenizer: world, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 64 }
          sft: { kind: sft, model: backbone, data: world:demonstrations, template: world, max_length: 64, epochs: 1000, batch_size: 8, learning_rate: 1e-3 }
        """;

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
