using System.Text;
using Microsoft.Win32.SafeHandles;

namespace UmmRm.Weights;

/// <summary>Files that appear whole or not at all: written beside their place, flushed to the disk, then renamed.</summary>
internal static class AtomicFile
{
    /// <summary>Creates or replaces a text file (UTF-8).</summary>
    public static void WriteText(string path, string text) => WriteBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Creates or replaces a small file.</summary>
    public static void WriteBytes(string path, byte[] bytes) => Write(path, bytes.Length, handle => RandomAccess.Write(handle, bytes, 0));

    /// <summary>Creates or replaces a file of a known length.</summary>
    /// <param name="path">Its final place; whatever is there stays until the new file is complete.</param>
    /// <param name="length">Its size in bytes, reserved on the disk before anything is written.</param>
    /// <param name="write">Writes the bytes.</param>
    /// <exception cref="IOException">The disk is full or cannot be written; nothing is left behind.</exception>
    public static void Write(string path, long length, Action<SafeFileHandle> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.partial";
        try
        {
            using (var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None, length))
            {
                write(handle);
                RandomAccess.FlushToDisk(handle);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
