using System.IO.Compression;

namespace UmmRm.Data;

/// <summary>
/// Inflates a gzip file and insists that all of it is there. .NET's GZipStream takes a file that was cut for one that has ended;
/// here, when the file is used up, a small gzip member of our own is fed to the same inflater: it comes out whole only if every
/// member before it was complete.
/// </summary>
internal sealed class GZipText : Stream
{
    private static readonly byte[] Seal = "end of file reached"u8.ToArray();
    private static readonly byte[] SealMember = Compress(Seal);

    private readonly SealedSource _source;
    private readonly GZipStream _inflated;
    private bool _ended;

    /// <summary>Reads gzip bytes from a stream that stays the caller's to dispose.</summary>
    public GZipText(Stream compressed)
    {
        _source = new SealedSource(compressed);
        _inflated = new GZipStream(_source, CompressionMode.Decompress, leaveOpen: true);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Reads inflated bytes.</summary>
    /// <exception cref="InvalidDataException">The gzip data are cut or corrupt.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_ended || buffer.IsEmpty)
            return 0;
        try
        {
            var count = _inflated.Read(buffer);
            if (count > 0)
                return count;
            _ended = true;
            _source.AtSeal = true;
            Span<byte> tail = stackalloc byte[Seal.Length + 1];
            if (_inflated.ReadAtLeast(tail, tail.Length, throwOnEndOfStream: false) == Seal.Length && tail[..Seal.Length].SequenceEqual(Seal))
                return 0;
        }
        catch (InvalidDataException)
        {
            // A checksum or a block that makes no sense: reported below, in the same words as a missing end.
        }
        throw new InvalidDataException("the gzip data are cut or corrupt");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inflated.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return result.ToArray();
    }

    /// <summary>The file's bytes and then, once asked, the seal.</summary>
    private sealed class SealedSource(Stream compressed) : MemoryStream(SealMember, writable: false)
    {
        public bool AtSeal { get; set; }

        public override int Read(Span<byte> buffer) => AtSeal ? base.Read(buffer) : compressed.Read(buffer);

        public override int Read(byte[] buffer, int offset, int count) => AtSeal ? base.Read(buffer, offset, count) : compressed.Read(buffer, offset, count);
    }
}
