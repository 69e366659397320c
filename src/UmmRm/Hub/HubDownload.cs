using System.Net;
using System.Security.Cryptography;

namespace UmmRm.Hub;

/// <summary>
/// Fetches the bytes of one file into <c>blobs/ETAG</c>. They grow in <c>ETAG.incomplete</c>, where the next attempt goes on, in this process or
/// another; the file gets its name when its size is right and, where the etag is a SHA-256, its hash.
/// </summary>
internal sealed class HubDownload(HubRequests requests, HubFile file, Uri address, string name, string blob, IProgress<HubProgress>? progress)
{
    private const int BufferSize = 1 << 17;
    private readonly string _partial = blob + ".incomplete";

    /// <summary>Fetches what is missing.</summary>
    /// <exception cref="HubException">The hub refuses, the file is damaged, or the disk is full.</exception>
    public async Task Run(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        RequireRoom();
        for (var before = Length(); !await Repeat(before, cancellation); before = Length())
        {
            // it came further before it failed: it may go on
        }
        File.Move(_partial, blob, overwrite: true);
        progress?.Report(new HubProgress(name, file.Size ?? 0, file.Size ?? 0));
    }

    private async Task<bool> Repeat(long before, CancellationToken cancellation)
    {
        try
        {
            return await requests.Repeated(Attempt, cancellation);
        }
        catch (HubException) when (Length() > before)
        {
            return false; // more of the file is there than before: the rest is asked for, and the error is told when nothing more comes
        }
    }

    private async Task<bool> Attempt(CancellationToken cancellation)
    {
        var first = Length();
        if (first == 0 || first != file.Size)
        {
            if (first > file.Size)
                first = 0;
            using var answer = await requests.Send(HttpMethod.Get, address, first, anywhere: true, cancellation);
            await Receive(answer, first, cancellation);
        }
        await Check(cancellation);
        return true;
    }

    private async Task Receive(HttpResponseMessage answer, long first, CancellationToken cancellation)
    {
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            File.Delete(_partial);
            throw new PassingFailureException($"{name}: the hub cannot go on at byte {first}");
        }
        if (PassingFailureException.Of(answer, name) is { } busy)
            throw busy;
        if (!answer.IsSuccessStatusCode)
            throw new HubException($"{name}: {HubRequests.Shown(address)} answers {(int)answer.StatusCode}");
        var goesOn = answer.StatusCode == HttpStatusCode.PartialContent && first > 0 && answer.Content.Headers.ContentRange?.From == first;
        if (answer.StatusCode == HttpStatusCode.PartialContent && !goesOn)
        {
            File.Delete(_partial);
            throw new PassingFailureException($"{name}: the hub sends another part of the file than was asked for");
        }
        await using var content = await requests.Waiting(answer.Content.ReadAsStreamAsync, cancellation);
        await using var partial = new FileStream(_partial, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var buffer = new byte[BufferSize];
        while (await requests.Waiting(async stop => await content.ReadAsync(buffer, stop), cancellation) is var count and > 0)
        {
            if (partial.Length + count > file.Size)
            {
                partial.SetLength(0);
                throw new PassingFailureException($"{name}: the hub sends more than the {file.Size} bytes that the file has");
            }
            await partial.WriteAsync(buffer.AsMemory(0, count), cancellation);
            progress?.Report(new HubProgress(name, Math.Min(partial.Length, (file.Size ?? long.MaxValue) - 1), file.Size ?? 0));
        }
        partial.Flush(flushToDisk: true);
    }

    private async Task Check(CancellationToken cancellation)
    {
        var length = Length();
        if (file.Size is { } size && length != size)
            throw new PassingFailureException($"{name}: {length} of {size} bytes came, and then the connection ended");
        if (!file.HasSha256)
            return;
        string hash;
        await using (var stream = File.OpenRead(_partial))
            hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
        if (hash == file.ETag)
            return;
        File.Delete(_partial);
        throw new PassingFailureException($"{name}: its SHA-256 is {hash}, and the hub says {file.ETag}: the bytes were damaged on the way and have been thrown away");
    }

    private void RequireRoom()
    {
        var room = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(blob))!).AvailableFreeSpace;
        if (file.Size - Length() > room)
            throw new HubException(FormattableString.Invariant($"{name} has {file.Size / 1e9:0.0} GB, and the disk of {Path.GetDirectoryName(blob)} has room for {room / 1e9:0.0}; make room, or name another folder with HF_HUB_CACHE"));
    }

    private long Length() => File.Exists(_partial) ? new FileInfo(_partial).Length : 0;
}
