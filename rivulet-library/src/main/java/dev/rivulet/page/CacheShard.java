package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;
import org.jspecify.annotations.Nullable;

/** A part of the cache with a lock of its own: a hash table of slots, and a pool per page size. */
final class CacheShard {
  /** 512 to 65536. */
  private static final int PAGE_SIZES = 8;

  private static final int SMALLEST_PAGE_BITS = 9;

  private final @Nullable CachePool[] pools = new @Nullable CachePool[PAGE_SIZES];
  private @Nullable CacheSlot[] buckets = new @Nullable CacheSlot[256];
  private int pages;
  private int chunks;
  private int maxChunks;

  synchronized void setMaxChunks(int max) {
    maxChunks = max;
  }

  /** See {@link PageCache#read}. */
  synchronized int read(long fileId, int pgno, int from, int length, long to) {
    CacheSlot slot = find(fileId, pgno);
    if (slot == null) {
      return PageCache.ABSENT;
    }
    NativeMemory.copy(slot.address + from, to, length);
    slot.referenced = true;
    if (slot.used) {
      return PageCache.HIT;
    }
    slot.used = true;
    return PageCache.FIRST_HIT;
  }

  synchronized boolean contains(long fileId, int pgno) {
    return find(fileId, pgno) != null;
  }

  /** An empty, busy slot for a page that is not there; null if it is there or there is no room. */
  synchronized @Nullable CacheSlot acquire(long fileId, int pgno, int pageSize) {
    if (find(fileId, pgno) != null) {
      return null;
    }
    CacheSlot slot = freeSlot(pageSize);
    if (slot != null) {
      unlink(slot);
      slot.busy = true;
    }
    return slot;
  }

  synchronized void publish(CacheSlot slot, long fileId, int pgno) {
    slot.busy = false;
    if (find(fileId, pgno) != null) {
      return; // another fetch brought the same frame meanwhile; this slot stays empty
    }
    if (pages >= buckets.length) {
      grow();
    }
    slot.fileId = fileId;
    slot.pgno = pgno;
    slot.referenced = false;
    slot.used = false;
    int bucket = bucket(fileId, pgno, buckets.length);
    slot.next = buckets[bucket];
    buckets[bucket] = slot;
    pages++;
  }

  synchronized void release(CacheSlot slot) {
    slot.busy = false;
  }

  private @Nullable CacheSlot freeSlot(int pageSize) {
    int sizeClass = Integer.numberOfTrailingZeros(pageSize) - SMALLEST_PAGE_BITS;
    CachePool pool = pools[sizeClass];
    if (pool == null) {
      pool = new CachePool(pageSize);
      pools[sizeClass] = pool;
    }
    if (chunks < maxChunks) {
      CacheSlot victim = pool.chunks() == 0 ? null : pool.emptyNext();
      if (victim != null) {
        return victim;
      }
      chunks++;
      return pool.addChunk(CachePool.newChunk());
    }
    if (pool.chunks() * 2 < maxChunks / PAGE_SIZES || pool.chunks() == 0) {
      // Starved by another page size that was here first: take a chunk from whoever has most.
      CachePool largest = largestBut(pool);
      CacheSlot @Nullable [] taken = largest == null ? null : largest.giveChunk();
      if (taken != null) {
        for (CacheSlot slot : taken) {
          unlink(slot);
        }
        return pool.addChunk(taken[0].address);
      }
    }
    return pool.victim();
  }

  private @Nullable CachePool largestBut(CachePool pool) {
    CachePool largest = null;
    for (CachePool p : pools) {
      if (p != null
          && p != pool
          && p.chunks() > pool.chunks()
          && (largest == null || p.chunks() > largest.chunks())) {
        largest = p;
      }
    }
    return largest;
  }

  private @Nullable CacheSlot find(long fileId, int pgno) {
    CacheSlot slot = buckets[bucket(fileId, pgno, buckets.length)];
    while (slot != null && (slot.pgno != pgno || slot.fileId != fileId)) {
      slot = slot.next;
    }
    return slot;
  }

  private void unlink(CacheSlot slot) {
    if (slot.fileId == 0) {
      return;
    }
    int bucket = bucket(slot.fileId, slot.pgno, buckets.length);
    CacheSlot s = buckets[bucket];
    if (s == slot) {
      buckets[bucket] = slot.next;
    } else {
      while (s != null && s.next != slot) {
        s = s.next;
      }
      if (s != null) {
        s.next = slot.next;
      }
    }
    slot.next = null;
    slot.fileId = 0;
    slot.referenced = false;
    pages--;
  }

  private void grow() {
    @Nullable CacheSlot[] larger = new @Nullable CacheSlot[buckets.length * 2];
    for (CacheSlot head : buckets) {
      CacheSlot slot = head;
      while (slot != null) {
        CacheSlot next = slot.next;
        int bucket = bucket(slot.fileId, slot.pgno, larger.length);
        slot.next = larger[bucket];
        larger[bucket] = slot;
        slot = next;
      }
    }
    buckets = larger;
  }

  private static int bucket(long fileId, int pgno, int buckets) {
    return (int) (PageCache.hash(fileId, pgno) >>> 32) & (buckets - 1);
  }
}
