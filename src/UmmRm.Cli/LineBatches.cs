namespace UmmRm.Cli;

/// <summary>
/// Reads lines as they arrive: each batch holds every whole line that is there, at least one, so that a caller who answers batch by
/// batch never lets somebody at the other end wait. A line ends with a line feed and nothing else; the last one may lack it.
/// </summary>
internal sealed class LineBatches(Stream input)
{
    private byte[] _buffer = new byte[1 << 20];
    private int _start;
    private int _end;

    /// <summary>The next lines, without their line feeds; empty at the end of the input. They hold until the next call.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Next()
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        var searched = _start;
        while (lines.Count == 0)
        {
            MakeRoom(ref searched);
            var count = input.Read(_buffer, _end, _buffer.Length - _end);
            if (count == 0)
                return Rest();
            _end += count;
            for (int at; (at = _buffer.AsSpan(searched.._end).IndexOf((byte)'\n')) >= 0; searched = _start)
            {
                lines.Add(_buffer.AsMemory(_start..(searched + at)));
                _start = searched + at + 1;
            }
            searched = _end;
        }
        return lines;
    }

    private IReadOnlyList<ReadOnlyMemory<byte>> Rest()
    {
        var rest = _buffer.AsMemory(_start.._end);
        _start = _end;
        return rest.IsEmpty ? [] : [rest];
    }

    /// <summary>Moves the beginning of an unfinished line to the front, and doubles the buffer when that line fills it.</summary>
    private void MakeRoom(ref int searched)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (searched, _start, _end) = (searched - _start, 0, _end - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, checked(2 * _buffer.Length));
    }
}
