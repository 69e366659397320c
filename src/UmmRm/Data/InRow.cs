namespace UmmRm.Data;

/// <summary>Names the row in what is said of it by those who see its texts alone.</summary>
public static class InRow
{
    /// <summary>What the work gives; where it refuses a text, the message begins with the row.</summary>
    /// <param name="origin">File and row: <c>rows.jsonl:17</c>.</param>
    /// <param name="work">Reads the row's texts.</param>
    /// <exception cref="InvalidDataException">The work's own, with the row before its message.</exception>
    public static T Of<T>(string origin, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{origin}: {e.Message}", e);
        }
    }
}
