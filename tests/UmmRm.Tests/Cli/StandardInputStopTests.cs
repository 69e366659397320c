using UmmRm.Cli;

namespace UmmRm.Tests.Cli;

/// <summary>The thread that reads stdin cannot be waited for when it is to stop; whatever it gets afterwards must leave no trace.</summary>
public sealed class StandardInputStopTests
{
    [Fact]
    public void Keep_RowsThatArriveAfterTheStop_LeaveNothing()
    {
        var parent = Directory.CreateTempSubdirectory("ummrm-test-").FullName;
        using var stop = new CancellationTokenSource();
        using var input = new LateRows(stop);
        using var terminal = new Terminal(input, Stream.Null, TextWriter.Null, () => null, TimeProvider.System);
        Assert.ThrowsAny<OperationCanceledException>(() => StandardInput.Keep("-", Path.Combine(parent, "run"), terminal, stop.Token));
        input.Arrive.Set();
        SpinWait.SpinUntil(() => input.WasReadAgain, TimeSpan.FromMilliseconds(300)); // it would read on with its file open
        Assert.Empty(Directory.GetFileSystemEntries(parent));
        Directory.Delete(parent);
    }

    /// <summary>Asks for the stop as soon as it is read, and gives its rows later.</summary>
    private sealed class LateRows(CancellationTokenSource stop) : MemoryStream("""{"prompt":"""u8.ToArray())
    {
        private int _reads;

        public ManualResetEventSlim Arrive { get; } = new();

        public bool WasReadAgain => Volatile.Read(ref _reads) > 1;

        public override int Read(byte[] buffer, int offset, int count) // the other overloads of a derived stream end here
        {
            if (Interlocked.Increment(ref _reads) > 1)
                Thread.Sleep(Timeout.Infinite); // a writer that sends no more
            stop.Cancel();
            Arrive.Wait();
            return base.Read(buffer, offset, count);
        }
    }
}
