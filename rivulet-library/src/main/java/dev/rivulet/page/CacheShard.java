package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;
import org.jspecify.annotations.Nullable;

/** A part of the cache with a lock of its own: a hash table of slots, and a pool per page size. */
final class CacheShard {
  /** 512 to 65536. */
  private static final int PAGE_SIZES = 8;

  private static final int SMALLEST_PAGE_BITS = 9;

  /**
   * An eighth of the slots, if scans have passed so many, are left to what is wanted: half of the
   * longest window of a scan ({@link FetchCosts#most}). Else what lies in the gaps would take them,
   * and what is wanted would displace what was kept of other gaps before.
   */
  private static final int RESERVE = 8;

  private final @Nullable CachePool[] pools = new @Nullable CachePool[PAGE_SIZES];
  private @Nullable CacheSlot[] buckets = new @Nullable CacheSlot[256];
  private int pages;

  /** Slots with {@link CacheSlot#spent}. */
  private int spent;

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
    if (slot.spent) {
      keep(slot);
    }
    if (slot.used) {
      return PageCache.HIT;
    }
    slot.used = true;
    return PageCache.FIRST_HIT;
  }

  /** See {@link PageCache#peek}. */
  synchronized boolean peek(long fileId, int pgno, byte[] to) {
    CacheSlot slot = find(fileId, pgno);
    if (slot != null) {
      NativeMemory.read(slot.address, to, 0, to.length);
    }
    return slot != null;
  }

  synchronized boolean contains(long fileId, int pgno) {
    return find(fileId, pgno) != null;
  }

  /** See {@link PageCache#expect}. */
  synchronized boolean expect(long fileId, int pgno) {
    CacheSlot slot = find(fileId, pgno);
    if (slot == null) {
      return false;
    }
    slot.referenced = true;
    keep(slot);
    return true;
  }

  /** See {@link PageCache#spend}. */
  synchronized void spend(long fileId, int pgno, int pageSize) {
    CacheSlot slot = find(fileId, pgno);
    CachePool pool = pools[sizeClass(pageSize)];
    if (slot != null && pool != null && !slot.spent) {
      pool.spend(slot);
      spent++;
    }
  }

  /** An empty, busy slot for a page that is not there; null if it is there or there is no room. */
  synchronized @Nullable CacheSlot acquire(long fileId, int pgno, int pageSize, Worth worth) {
    if (find(fileId, pgno) != null) {
      return null;
    }
    CacheSlot slot = freeSlot(pageSize, worth);
    if (slot != null) {
      unlink(slot);
      slot.busy = true;
    }
    return slot;
  }

  synchronized void publish(CacheSlot slot, long fileId, int pgno, Worth worth) {
    slot.busy = false;
    if (find(fileId, pgno) != null) {
      return; // another fetch brought the same frame meanwhile; this slot stays empty
    }
    if (pages >= buckets.length) {
      grow();
    }
    slot.fileId = fileId;
    slot.pgno = pgno;
    slot.referenced = worth == Worth.WANTED;
    slot.used = false;
    int bucket = bucket(fileId, pgno, buckets.length);
    slot.next = buckets[bucket];
    buckets[bucket] = slot;
    pages++;
  }

  synchronized void release(CacheSlot slot) {
    slot.busy = false;
  }

  private static int sizeClass(int pageSize) {
    return Integer.numberOfTrailingZeros(pageSize) - SMALLEST_PAGE_BITS;
  }

  private @Nullable CacheSlot freeSlot(int pageSize, Worth worth) {
    int sizeClass = sizeClass(pageSize);
    CachePool pool = pools[sizeClass];
    if (pool == null) {
      pool = new CachePool(pageSize);
      pools[sizeClass] = pool;
    }
    CacheSlot empty = pool.emptyNext();
    if (empty != null) {
      return empty;
    }
    if (chunks < maxChunks) {
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
    if (worth == Worth.PASSING && spent <= chunks * slotsOfChunk(pageSize) / RESERVE) {
      return null;
    }
    CacheSlot passed = pool.spent();
    return passed != null ? passed : pool.victim();
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
    keep(slot);
    pages--;
  }

  /** A slot is not spent, whatever it was. */
  private void keep(CacheSlot slot) {
    if (slot.spent) {
      slot.spent = false;
      spent--;
    }
  }

  private static int slotsOfChunk(int pageSize) {
    return CachePool.CHUNK / pageSize;
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
