using System.Diagnostics;
using System.Globalization;
using UmmRm.Models;
using UmmRm.Runtime;
using UmmRm.Weights;
using static TorchSharp.torch;

namespace UmmRm.Benchmarks;

/// <summary>
/// Loading and merging at the width of TinyLlama-1.1B (d 2048, m 5632), a few layers of it, files in the page cache. Each figure stands beside the plain reads and
/// writes that it cannot do without.
/// </summary>
internal static class CheckpointBenchmark
{
    public static int Run(string[] arguments)
    {
        var root = Directory.CreateDirectory(arguments.Length > 0 ? arguments[0] : Path.Combine(Path.GetTempPath(), $"ummrm-checkpoint-{Environment.ProcessId}")).FullName;
        try
        {
            Measure(Path.Combine(root, "bfloat16"), Precision.BFloat16, layers: 3);
            Measure(Path.Combine(root, "float32"), Precision.Float32, layers: 2);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
        return 0;
    }

    private static void Measure(string root, Precision precision, int layers)
    {
        var (dense, moe, merged, copy) = (Path.Combine(root, "dense"), Path.Combine(root, "moe"), Path.Combine(root, "merged"), Path.Combine(root, "copy"));
        WriteRandomModel(dense, precision, layers);
        var shape = new MoeConfig { NumExperts = 8, TopK = 4 };
        var upcycle = Timed(() => Upcycling.Write(dense, shape, moe, seed: 1));
        Console.WriteLine($"{precision}, {layers} layers: dense {Size(dense):f2} GB, mixture {Size(moe):f2} GB, one layer of the mixture {8 * Layer(dense):f2} GB");
        Report($"upcycle, flushed to the disk (peak memory {upcycle.PeakMemory / 1e6:f0} MB)", Size(moe), upcycle);

        ReadPlainly(moe);
        var read = Report("read the mixture's bytes (1 thread, 4 MiB blocks)", Size(moe), Timed(() => ReadPlainly(moe)));
        var write = Report("copy the dense model, flushed to the disk", Size(dense), Timed(() => Copy(dense, copy)));
        var record = MergeRecord.Uniform(Checkpoint.ReadConfig(moe));
        var merge = Report("merge, flushed to the disk", Size(moe), Timed(() => ExpertMerging.Write(moe, record, merged)));
        Console.WriteLine($"  merge / (read + write) = {merge.Seconds / (read.Seconds + write.Seconds):f2} ({merge.ProcessorSeconds / (read.ProcessorSeconds + write.ProcessorSeconds):f2} by processor time); peak memory {merge.PeakMemory / 1e6:f0} MB = {merge.PeakMemory / 1e9 / (8 * Layer(dense)):f2} layers of the mixture");

        foreach (var loaded in (Precision[])[precision, precision == Precision.Float32 ? Precision.BFloat16 : Precision.Float32])
        {
            using var model = new RewardModel(Checkpoint.ReadConfig(moe), loaded);
            Checkpoint.LoadParameters(moe, model); // the first load also pays for the pages of fresh memory
            Report($"load the mixture's parameters as {loaded}", Size(moe), Timed(() => Checkpoint.LoadParameters(moe, model)));
        }
        var fresh = Timed(() =>
        {
            using var model = new RewardModel(Checkpoint.ReadConfig(moe), precision);
            Checkpoint.LoadParameters(moe, model);
        });
        Report("make the mixture and load it, fresh memory", Size(moe), fresh);
    }

    private static void WriteRandomModel(string folder, Precision precision, int layers)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var config = new ModelConfig
        {
            Family = ModelFamily.Llama,
            VocabSize = 8192,
            HiddenSize = 2048,
            IntermediateSize = 5632,
            NumLayers = layers,
            NumHeads = 32,
            NumKeyValueHeads = 4,
            HeadDim = 64,
            MaxPositions = 2048,
            PadTokenId = 0,
            BosTokenId = 1,
            EosTokenIds = [2],
        };
        using var model = new RewardModel(config, precision);
        foreach (var parameter in model.parameters())
            parameter.normal_(0, 0.02);
        Checkpoint.Save(folder, HuggingFaceConfig.Create(config).AsRewardModel(), model);
    }

    private static void ReadPlainly(string folder)
    {
        var block = new byte[4 << 20];
        using var file = File.OpenHandle(Path.Combine(folder, "model.safetensors"));
        var length = RandomAccess.GetLength(file);
        for (var at = 0L; at < length;)
            at += RandomAccess.Read(file, block, at);
    }

    private static void Copy(string from, string to)
    {
        using var source = CheckpointTensors.Open(from);
        Checkpoint.Write(to, HuggingFaceConfig.Read(from), source, null);
    }

    /// <summary>Gigabytes in a folder's weights.</summary>
    private static double Size(string folder) => Directory.EnumerateFiles(folder, "*.safetensors").Sum(file => new FileInfo(file).Length) / 1e9;

    /// <summary>Gigabytes in one layer's dense feed-forward block.</summary>
    private static double Layer(string dense)
    {
        using var source = CheckpointTensors.Open(dense);
        return source.Tensors.Where(info => info.Name.Contains("layers.0.mlp.", StringComparison.Ordinal)).Sum(info => info.ByteLength) / 1e9;
    }

    private static Figures Report(string what, double gigabytes, Figures measured)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: {measured.Seconds:f2} s ({measured.ProcessorSeconds:f2} s of processor time), {gigabytes / measured.Seconds:f2} GB/s"));
        return measured;
    }

    /// <summary>Best of three, by the clock and by processor time (which a busy machine does not change), and the most memory above what the process held before.</summary>
    private static Figures Timed(Action action)
    {
        var (best, processor, peak) = (double.MaxValue, double.MaxValue, 0L);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            var before = Environment.WorkingSet;
            using var stop = new ManualResetEventSlim();
            var sampler = new Thread(() =>
            {
                while (!stop.Wait(2))
                    peak = Math.Max(peak, Environment.WorkingSet - before);
            });
            sampler.Start();
            var (watch, used) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
            action();
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
            processor = Math.Min(processor, (Environment.CpuUsage.TotalTime - used).TotalSeconds);
            stop.Set();
            sampler.Join();
        }
        return new Figures(best, processor, peak);
    }

    private sealed record Figures(double Seconds, double ProcessorSeconds, long PeakMemory);
}
