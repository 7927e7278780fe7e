using System.Numerics;

namespace EmbeddedRepl.Storage;

/// <summary>
/// Chooses what is evicted: S3-FIFO without its queues; <c>DESIGN.md</c> says why, and how well. An entry comes as a newcomer. One hand goes round the newcomers as long as
/// they are more than a small part: whoever was used more than once meanwhile stays for good, the others go, and are remembered for a while. Another hand goes round
/// those who stay: each use spares an entry once. Both go in the order of the hash, which is as good as any. For the writer.
/// </summary>
internal sealed class EvictionPolicy
{
    /// <summary>Newcomers are evicted before anything else as long as they are more than one in so many entries.</summary>
    private const int NewcomerFraction = 20;

    /// <summary>So often a newcomer must have been used to stay.</summary>
    private const int UsesToStay = 2;

    /// <summary>After so many entries that were spared, the next one goes whatever its uses: a choice takes bounded time.</summary>
    private const int MaxSpared = 512;

    /// <summary>After so many blocks without any newcomer the other hand has its turn.</summary>
    private const int MaxEmptyBlocks = 256;

    private readonly HashIndex _index;
    private readonly NewcomerMarks _newcomers;
    private readonly GhostTable _ghosts;
    private Hand _newcomerHand;
    private Hand _stayerHand;

    /// <summary>Creates the policy for a store's present entries, of which none is a newcomer.</summary>
    public EvictionPolicy(HashIndex index, NewcomerMarks newcomers, MemoryBudget budget)
    {
        _index = index;
        _newcomers = newcomers;
        _ghosts = new GhostTable(budget);
    }

    /// <summary>How many newcomers there are.</summary>
    public long Newcomers { get; private set; }

    /// <summary>An entry was inserted.</summary>
    public void Inserted(int block, int position, ulong hash)
    {
        if (!_ghosts.TryTake(hash))
        {
            _newcomers.SetNewcomer(block, position, true);
            Newcomers++;
        }
    }

    /// <summary>An entry was overwritten or touched.</summary>
    public void Used(int block, int position)
    {
        // Looked at once, because a reader may count one more meanwhile.
        ref ulong slot = ref _index.Slots(block)[position];
        int uses = SlotUses.Of(slot);
        if (uses < SlotUses.Max)
        {
            SlotUses.Set(ref slot, uses + 1);
        }
    }

    /// <summary>An entry is about to be removed.</summary>
    public void Removing(int block, int position)
    {
        if (_newcomers.IsNewcomer(block, position))
        {
            _newcomers.SetNewcomer(block, position, false);
            Newcomers--;
        }
    }

    /// <summary>An entry is about to be evicted.</summary>
    public void Evicting(in EvictionCandidate candidate, long entries)
    {
        if (_newcomers.IsNewcomer(candidate.Slot.Block, candidate.Slot.Position))
        {
            _ghosts.Add(candidate.Hash, entries);
        }
    }

    /// <summary>Chooses.</summary>
    /// <param name="entries">How many entries there are, at least one.</param>
    public EvictionCandidate Choose(long entries)
    {
        return Newcomers > entries / NewcomerFraction && TryChooseNewcomer(entries, out EvictionCandidate newcomer) ? newcomer : ChooseStayer();
    }

    /// <summary>Gives the memory back that the policy itself has taken.</summary>
    public void Release() => _ghosts.Release();

    private bool TryChooseNewcomer(long entries, out EvictionCandidate candidate)
    {
        int spared = 0;
        int emptyBlocks = 0;
        while (Newcomers > entries / NewcomerFraction && emptyBlocks < MaxEmptyBlocks)
        {
            int block = _index.BlockOf(_newcomerHand.RangeStart);
            if (!TryNextNewcomer(block, _newcomerHand.Position, out int position))
            {
                _newcomerHand = NextBlock(_newcomerHand, block);
                emptyBlocks++;
                continue;
            }

            emptyBlocks = 0;
            _newcomerHand.Position = position + 1;
            ref ulong slot = ref _index.Slots(block)[position];
            if (SlotUses.Of(slot) < UsesToStay || spared++ == MaxSpared)
            {
                candidate = CandidateAt(block, position, _newcomerHand.RangeStart);
                return true;
            }

            SlotUses.Set(ref slot, 0);
            _newcomers.SetNewcomer(block, position, false);
            Newcomers--;
        }

        candidate = default;
        return false;
    }

    private EvictionCandidate ChooseStayer()
    {
        // Newcomers are passed over, unless there is nobody else.
        int spared = 0;
        bool takesAnybody = false;
        int blocksLeft = MaxEmptyBlocks;
        while (true)
        {
            int block = _index.BlockOf(_stayerHand.RangeStart);
            Span<ulong> slots = _index.Slots(block);
            for (int position = _stayerHand.Position; position < slots.Length; position++)
            {
                ref ulong slot = ref slots[position];
                if (!IndexSlot.IsEntry(slot) || (!takesAnybody && _newcomers.IsNewcomer(block, position)))
                {
                    continue;
                }

                int uses = SlotUses.Of(slot);
                if (uses == 0 || takesAnybody || spared++ == MaxSpared)
                {
                    _stayerHand.Position = position + 1;
                    return CandidateAt(block, position, _stayerHand.RangeStart);
                }

                SlotUses.Set(ref slot, uses - 1);
            }

            _stayerHand = NextBlock(_stayerHand, block);
            takesAnybody |= --blocksLeft == 0;
        }
    }

    private bool TryNextNewcomer(int block, int start, out int position)
    {
        Span<ulong> words = _newcomers.Of(block);
        for (int word = start / 64; word < words.Length; word++)
        {
            ulong bits = word == start / 64 ? words[word] & (ulong.MaxValue << (start % 64)) : words[word];
            if (bits != 0)
            {
                position = (word * 64) + BitOperations.TrailingZeroCount(bits);
                return true;
            }
        }

        position = 0;
        return false;
    }

    private Hand NextBlock(in Hand hand, int block) => new() { RangeStart = HashIndex.EndOfRange(hand.RangeStart, _index.Info(block).Depth) };

    private EvictionCandidate CandidateAt(int block, int position, ulong rangeStart)
    {
        ulong slot = _index.Slots(block)[position];
        return new EvictionCandidate(new SlotPosition(block, position, IndexSlot.Address(slot)), IndexSlot.HashOf(slot, rangeStart));
    }

    // A block that is split under a hand is gone on with at the same place of its lower half.
    private struct Hand
    {
        public ulong RangeStart;
        public int Position;
    }
}
