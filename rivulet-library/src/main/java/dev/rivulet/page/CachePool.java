package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one page size in one shard, on chunks of memory of one size for all page sizes, so
 * that a chunk can move from one pool to another. Guarded by the shard's lock.
 */
final class CachePool {
  /** The largest page; smaller ones divide it. */
  static final int CHUNK = 64 * 1024;

  private final int pageSize;
  private final List<CacheSlot[]> chunks = new ArrayList<>();
  private @Nullable CacheSlot spent;
  private int handChunk;
  private int handSlot;

  CachePool(int pageSize) {
    this.pageSize = pageSize;
  }

  int chunks() {
    return chunks.size();
  }

  /** Takes a chunk of memory and returns its first slot. */
  CacheSlot addChunk(long address) {
    CacheSlot[] slots = new CacheSlot[CHUNK / pageSize];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new CacheSlot(address + (long) i * pageSize);
    }
    chunks.add(slots);
    // The hand goes to the new chunk: its empty slots are used before anything is evicted.
    handChunk = chunks.size() - 1;
    handSlot = 1;
    return slots[0];
  }

  /** The slot under the hand if it is an empty one of the newest chunk; null otherwise. */
  @Nullable CacheSlot emptyNext() {
    if (handChunk < chunks.size() && handSlot < CHUNK / pageSize) {
      CacheSlot slot = chunks.get(handChunk)[handSlot];
      if (slot.fileId == 0 && !slot.busy) {
        handSlot++;
        return slot;
      }
    }
    return null;
  }

  /** A scan has passed a page: its slot is the next to be used. */
  void spend(CacheSlot slot) {
    slot.spent = true;
    slot.referenced = false;
    if (!slot.stacked) {
      slot.stacked = true;
      slot.below = spent;
      spent = slot;
    }
  }

  /** The slot that a scan passed last and nobody has read since; null if there is none. */
  @Nullable CacheSlot spent() {
    while (spent != null) {
      CacheSlot slot = spent;
      spent = slot.below;
      slot.below = null;
      slot.stacked = false;
      if (slot.spent && !slot.busy) {
        return slot;
      }
    }
    return null;
  }

  static long newChunk() {
    return NativeMemory.allocate(CHUNK);
  }

  /**
   * The next slot to use, by CLOCK: empty, or not read since the hand passed it last. Null if every
   * slot is busy.
   */
  @Nullable CacheSlot victim() {
    int slots = chunks.size() * (CHUNK / pageSize);
    for (int steps = 0; steps < 2 * slots; steps++) {
      if (handSlot == CHUNK / pageSize) {
        handSlot = 0;
        handChunk++;
      }
      if (handChunk >= chunks.size()) {
        handChunk = 0;
      }
      CacheSlot slot = chunks.get(handChunk)[handSlot++];
      if (slot.busy) {
        continue;
      }
      if (!slot.referenced) {
        return slot;
      }
      slot.referenced = false;
    }
    return null;
  }

  /** A chunk with no busy slot, for another pool; the caller unlinks its pages. Null if none. */
  CacheSlot @Nullable [] giveChunk() {
    for (int i = 0; i < chunks.size(); i++) {
      boolean busy = false;
      for (CacheSlot slot : chunks.get(i)) {
        busy |= slot.busy;
      }
      if (!busy) {
        handChunk = 0;
        handSlot = 0;
        return chunks.remove(i);
      }
    }
    return null;
  }
}
