using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using UmmRm.Reports;

namespace UmmRm.Tests.Cli;

/// <summary>A policy's training that is killed and stopped on its way, as a process.</summary>
public sealed class PolicyInterruptionTests
{
    private const string Recipe =
        """
        name: interrupted
        seed: 1
        stages:
          world: { kind: world, texts: 64, demonstrations: 64, prompts: 64, shifted: 8, core: 8 }
          backbone: { kind: init, tokenizer: world, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 64 }
          sft: { kind: sft, model: backbone, data: world:demonstrations, template: world, max_length: 64, epochs: 1, batch_size: 8, learning_rate: 3e-3 }
          ppo: { kind: ppo, model: sft, proxy: world:gold, gold: world:gold, prompts: "world:prompts[0:48]", eval_prompts: "world:prompts[48:64]", template: world, max_length: 64, max_new_tokens: 12,
            trainable_layers: 1, max_steps: 120, rollouts: 8, batch_size: 8, epochs: 2, eval_every: 4, save_every: 1, learning_rate: 1e-3, kl_coefficient: 0.05, kl_target: 1, shaping: sigmoid, normalise: true }
        """;

    [Fact]
    public async Task Ppo_KilledAndStopped_ContinuesTheSameCurveBitForBit()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix signals");
        var folder = Directory.CreateTempSubdirectory("interrupted-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "recipe.yaml"), Recipe, Cancel);
            Assert.Equal(0, await Run(folder, "whole", null, 0));
            Assert.Equal(137, await Run(folder, "run", "KILL", afterSteps: 10));
            Assert.Equal(130, await Run(folder, "run", "INT", afterSteps: 30));
            Assert.Equal(0, await Run(folder, "run", null, 0));
            foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "whole", "ppo"), "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "stage.json"))
                Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(file.Replace("whole", "run", StringComparison.Ordinal))), $"{file} differs");
            Assert.Equal(Lines(folder, "whole"), Lines(folder, "run"));
            Assert.Equal(60, Lines(folder, "run").Count(line => line.Contains("objective/kl\"", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs the recipe; after some more steps of the policy's training a signal is sent. The exit code: 137 after SIGKILL.</summary>
    private static async Task<int> Run(string folder, string name, string? signal, int afterSteps)
    {
        var metrics = Path.Combine(folder, name, MetricLog.FileName);
        var from = Steps(metrics);
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "UmmRm.Cli"), ["run", Path.Combine(folder, "recipe.yaml"), "--output", Path.Combine(folder, name), "--threads", "1"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        if (signal is not null)
        {
            while (!process.HasExited && Steps(metrics) < from + afterSteps)
                await Task.Delay(5, Cancel);
            using var kill = Process.Start("kill", ["-s", signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(Cancel);
        }
        await process.WaitForExitAsync(Cancel);
        await output;
        Assert.Equal("", process.ExitCode is 0 or 130 or 137 ? "" : await error);
        return process.ExitCode;
    }

    /// <summary>The last step of the policy's training that was logged; a line that is being written does not count.</summary>
    private static long Steps(string metrics)
    {
        if (!File.Exists(metrics))
            return 0;
        using var reader = new StreamReader(new FileStream(metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n').SkipLast(1).Where(line => line.Contains("objective/kl\"", StringComparison.Ordinal)).Select(line => (long)JsonNode.Parse(line)!["step"]!).LastOrDefault();
    }

    private static List<string> Lines(string folder, string name) => [.. File.ReadLines(Path.Combine(folder, name, MetricLog.FileName)).Select(line =>
    {
        var json = JsonNode.Parse(line)!.AsObject();
        foreach (var key in json.Select(entry => entry.Key).Where(key => key.StartsWith("time", StringComparison.Ordinal)).ToList())
            json.Remove(key);
        return json.ToJsonString();
    })];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
