package dev.rivulet.page;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Decoded pages in memory outside the heap, by frame, for all databases of the process.
 *
 * <p>A frame is immutable, so an entry is right for ever, whichever view, connection or point in
 * time asks. Thread-safe; a hit costs one short lock of an eighth of the cache, and allocates
 * nothing.
 *
 * <p>What goes first when it is full:
 *
 * <ol>
 *   <li>What a scan has passed ({@link #spend}), the page passed last before the others: a scan of
 *       more than the cache holds then finds all but a little of it when it is repeated, where
 *       least recently used first would find nothing.
 *   <li>By CLOCK, what was not read since the hand passed, nor ever: neighbours and {@link
 *       Worth#PASSING} pages at once, {@link Worth#WANTED} ones and those that were read a lap
 *       later.
 * </ol>
 */
public final class PageCache {
  /** {@link #read}: the page is not there. */
  public static final int ABSENT = -1;

  /** {@link #read}: copied. */
  public static final int HIT = 0;

  /** {@link #read}: copied, and for the first time since it was fetched. */
  public static final int FIRST_HIT = 1;

  /** As many as threads that read at the same moment on a larger machine. */
  private static final int SHARDS = 8;

  private final CacheShard[] shards = new CacheShard[SHARDS];

  /** Of this cache, not of the process: what it evicts depends on nothing but what it was given. */
  private final AtomicLong nextFileId = new AtomicLong(1);

  private long budget;

  /** A cache of up to {@code budget} bytes; it grows as it is filled. */
  public PageCache(long budget) {
    for (int i = 0; i < SHARDS; i++) {
      shards[i] = new CacheShard();
    }
    raiseBudget(budget);
  }

  /** Makes the budget at least {@code bytes}. */
  public synchronized void raiseBudget(long bytes) {
    if (bytes <= budget) {
      return;
    }
    budget = bytes;
    int chunks = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / CachePool.CHUNK / SHARDS));
    for (CacheShard shard : shards) {
      shard.setMaxChunks(chunks);
    }
  }

  /** An id for a file whose pages are to be kept here; never 0. */
  long newFileId() {
    return nextFileId.getAndIncrement();
  }

  /** In bytes. */
  public synchronized long budget() {
    return budget;
  }

  /**
   * Copies a part of a page if it is there.
   *
   * @param from offset in the page; with {@code length} inside the page
   * @param to address to copy to
   * @return {@link #ABSENT}, {@link #HIT} or {@link #FIRST_HIT}
   */
  public int read(long fileId, int pgno, int from, int length, long to) {
    return shard(fileId, pgno).read(fileId, pgno, from, length, to);
  }

  /** Copies a page if it is there; does not count as a use. {@code to} has the page's size. */
  boolean peek(long fileId, int pgno, byte[] to) {
    return shard(fileId, pgno).peek(fileId, pgno, to);
  }

  /** Whether the page is there; does not count as a use. */
  public boolean contains(long fileId, int pgno) {
    return shard(fileId, pgno).contains(fileId, pgno);
  }

  /** Whether the page is there; if so, it is wanted from now on. */
  boolean expect(long fileId, int pgno) {
    return shard(fileId, pgno).expect(fileId, pgno);
  }

  /**
   * A slot to fill with a page that is not there, at {@code slot.address}; must be given to {@link
   * #publish} or {@link #release}. Null if the page is there already, every slot is being filled,
   * or the page is not worth another one.
   */
  @Nullable CacheSlot acquire(long fileId, int pgno, int pageSize, Worth worth) {
    return shard(fileId, pgno).acquire(fileId, pgno, pageSize, worth);
  }

  /** Makes a filled slot readable. */
  void publish(CacheSlot slot, long fileId, int pgno, Worth worth) {
    shard(fileId, pgno).publish(slot, fileId, pgno, worth);
  }

  /** A scan has passed this page, and needs it no more; who reads it again makes it stay. */
  void spend(long fileId, int pgno, int pageSize) {
    shard(fileId, pgno).spend(fileId, pgno, pageSize);
  }

  /** Gives a slot back whose filling failed; with the key it was acquired for. */
  void release(CacheSlot slot, long fileId, int pgno) {
    shard(fileId, pgno).release(slot);
  }

  static long hash(long fileId, int pgno) {
    // Fibonacci hashing: 2^64 / golden ratio spreads neighbouring page numbers over all bits.
    return (fileId * 0x100000001L + pgno) * 0x9E3779B97F4A7C15L;
  }

  private CacheShard shard(long fileId, int pgno) {
    return shards[(int) (hash(fileId, pgno) >>> 61)];
  }
}
