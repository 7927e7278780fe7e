using System.Diagnostics;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Moves entries from sparse pages to fuller ones of the same class, a few at a time, so that a changing mix of sizes does not keep
/// memory that no other class can use. For the writer.
/// </summary>
internal sealed class Compactor(StoreData data, KeyHash keyHash)
{
    /// <summary>Freed memory that is always tolerated, in bytes.</summary>
    private const long ToleratedBytes = 1 << 20;

    /// <summary>Which part of the pages may be freed blocks before they are compacted.</summary>
    private const int ToleratedFraction = 8;

    /// <summary>Freed memory that is tolerated near the limit: half of the headroom, so that the other half is there when a page is needed.</summary>
    private const long ToleratedNearLimit = 256 << 10;

    private const int ToleratedFractionNearLimit = 64;

    private int _block;
    private long _blockedAtFreedBytes = -1;

    /// <summary>Whether so much memory is freed, yet bound to its class, that it is worth moving entries.</summary>
    public bool IsWorthwhile =>
        data.Allocator.EvacuatedPage != PageList.None
        || (data.Allocator.FreedBytes > Tolerated && data.Allocator.FreedBytes > _blockedAtFreedBytes);

    private bool IsNearLimit => data.Budget.UsedBytes > data.Budget.TargetBytes;

    private long Tolerated => IsNearLimit
        ? ToleratedNearLimit + (data.Allocator.PageBytes / ToleratedFractionNearLimit)
        : ToleratedBytes + (data.Allocator.PageBytes / ToleratedFraction);

    /// <summary>Moves some entries.</summary>
    /// <param name="maxMoves">The most entries to move.</param>
    /// <returns>Whether there was anything to do.</returns>
    public bool Step(int maxMoves)
    {
        for (int moves = 0; moves < maxMoves; moves++)
        {
            if (data.Allocator.EvacuatedPage == PageList.None)
            {
                if (!data.Allocator.TryBeginEvacuation())
                {
                    // Looking for a page costs as much as a move. Near the limit, where it would be looked for with each write, it waits for more.
                    _blockedAtFreedBytes = IsNearLimit ? data.Allocator.FreedBytes : -1;
                    return moves > 0;
                }

                _block = 0;
            }

            if (!data.Allocator.TryNextEvacuated(ref _block, out long address))
            {
                data.Allocator.EndEvacuation();
                continue;
            }

            if (!TryMove(address))
            {
                data.Allocator.EndEvacuation();
                return false;
            }
        }

        return true;
    }

    private bool TryMove(long address)
    {
        EntryView entry = data.View(address);
        int size = entry.Header.EntrySize;
        ulong hash = keyHash.Hash(entry.Key);
        SlotPosition slot = data.LocateAddress(hash, address);
        Debug.Assert(slot.IsFound);

        long target;
        try
        {
            target = data.Allocator.Allocate(size);
        }
        catch (StoreFullException)
        {
            // The memory limit is reached and this class has no free block left. Compaction goes along with writes that have
            // been made already, so it must not fail them: it waits until more has been freed.
            _blockedAtFreedBytes = data.Allocator.FreedBytes;
            return false;
        }

        _blockedAtFreedBytes = -1;
        data.Segments.From(address)[..size].CopyTo(data.Segments.From(target));
        data.Index.Publish(slot.Block, slot.Position, hash, target);
        data.Generations.Bump(hash);
        data.Allocator.Free(address, size);
        return true;
    }
}
