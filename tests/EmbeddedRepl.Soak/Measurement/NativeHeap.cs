using System.Runtime.InteropServices;

namespace EmbeddedRepl.Soak.Measurement;

/// <summary>What the C library has handed out to this process and not got back; 0 where it cannot be asked.</summary>
internal static partial class NativeHeap
{
    private static bool _isMissing;

    /// <summary>Bytes in use.</summary>
    public static long Bytes
    {
        get
        {
            if (_isMissing)
            {
                return 0;
            }

            try
            {
                MallocInfo info = Read();
                return (long)(info.InUse + info.InMappedBlocks);
            }
            catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException)
            {
                _isMissing = true;
                return 0;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial MallocInfo Read();

    /// <summary>The C library's <c>struct mallinfo2</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MallocInfo
    {
        public nuint Arena;
        public nuint FreeChunks;
        public nuint FastChunks;
        public nuint MappedBlocks;
        public nuint InMappedBlocks;
        public nuint MostInUse;
        public nuint InFastChunks;
        public nuint InUse;
        public nuint Free;
        public nuint Releasable;
    }
}
