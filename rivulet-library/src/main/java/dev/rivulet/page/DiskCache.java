package dev.rivulet.page;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps ranges of LTX files that were fetched in a temporary file, as they came: who comes back to
 * a page that the page cache had no room for reads it there, a thousand times faster than from the
 * store. One for all databases of the process.
 *
 * <p>The file is a ring: the range that was fetched first makes room for the newest. It is not made
 * before so much was fetched that the page cache may have to let go of something, so that a process
 * that looks up a few rows leaves the disk alone. It has no name and holds only what the store has,
 * so that there is nothing to recover and nothing to clean up; as SQLite trusts its own temporary
 * files (https://sqlite.org/tempfiles.html), what was written is trusted to be read, but a frame
 * that then does not decode to its page is fetched again.
 *
 * <p>A disk that fails, is full or is slower than the network is left alone from then on.
 * Thread-safe; writes and reads happen outside the lock.
 */
public final class DiskCache {
  /** Each costs 200 bytes of heap: 3 MB in all. 16 kB of a range each fill 256 MiB. */
  static final int MOST_RANGES = 16 * 1024;

  /** The file takes at most this part of what is free where it lies, or of what it may take. */
  private static final int PART_OF_FREE = 8;

  /**
   * Of a database that the page cache cannot hold, this part of its budget is fetched before
   * anything is kept: pages take eight times the memory of their frames if they compress well. Of
   * others as much as the budget, by many of them together.
   */
  private static final int PART_BEFORE = 8;

  /** The least that is worth having, in bytes: some ranges of the largest size. */
  public static final long LEAST = 16L << 20;

  /** How often the disk's speed is looked at, in bytes written. */
  private static final long SAMPLE = 8L << 20;

  /**
   * A quarter of what a request of S3 brings (85 MB/s): who writes to a slower disk would be late
   * to take what comes. Disks write to memory first, some GB/s, unless they are not local or full.
   */
  private static final double LEAST_BYTES_PER_NANO = 85e6 / 4 / 1e9;

  /** Makes the file. */
  interface Maker {
    ScratchFile make() throws IOException;
  }

  private final Maker maker;
  private final Executor executor;
  private final Consumer<String> trouble;

  private final long cacheBudget;

  private long limit;

  /** What the disk has room for, once that is known. */
  private long most = Long.MAX_VALUE;

  private long fetched;
  private volatile @Nullable ScratchFile file;
  private volatile boolean off;

  /** Where the next range begins in the file. */
  private long head;

  /** In the order in which they lie in the ring, from the head on. */
  private final ArrayDeque<KeptRange> ring = new ArrayDeque<>();

  /** By file, and by the first rank; they do not overlap. */
  private final Map<Long, TreeMap<Integer, KeptRange>> found = new HashMap<>();

  private long sampleBytes;
  private long sampleNanos;

  /**
   * A cache in a temporary file.
   *
   * @param folders where it may lie, the preferred one first
   * @param cacheBudget bytes of the page cache that comes before it
   * @param trouble is told, once at most, why nothing is kept any more
   */
  public static DiskCache in(List<Path> folders, long cacheBudget, Consumer<String> trouble) {
    return new DiskCache(
        () -> TemporaryFile.in(folders), 0, cacheBudget, WorkThread.named("rivulet-disk"), trouble);
  }

  /** Lets it take so many bytes, if it takes less. */
  public synchronized void raiseLimit(long bytes) {
    limit = Math.max(limit, Math.min(bytes, most));
  }

  /**
   * A cache in a file of the caller's.
   *
   * @param cacheBudget bytes of the page cache that comes before it
   * @param executor runs what reads it
   */
  DiskCache(
      Maker maker, long limit, long cacheBudget, Executor executor, Consumer<String> trouble) {
    this.maker = maker;
    this.limit = limit;
    this.cacheBudget = cacheBudget;
    this.executor = executor;
    this.trouble = trouble;
  }

  boolean isOff() {
    return off;
  }

  /** Runs what reads it. */
  Executor executor() {
    return executor;
  }

  /** Whether nothing is kept; without the lock, for most processes never keep anything. */
  boolean isEmpty() {
    return file == null || off;
  }

  /** Bytes that it may take; 0 if nothing is kept. */
  synchronized long room() {
    return off ? 0 : limit;
  }

  /** After the last rank that is kept in one range with this one; 0 if it is not kept. */
  int keptTo(IndexedFile of, int rank) {
    if (isEmpty()) {
      return 0;
    }
    synchronized (this) {
      KeptRange range = find(of.id(), rank);
      return range == null ? 0 : range.end();
    }
  }

  /** The range with a frame, whose reader must release it; null if it is not kept. */
  synchronized @Nullable KeptRange use(IndexedFile of, int rank) {
    KeptRange range = find(of.id(), rank);
    if (range != null) {
      range.use();
    }
    return range;
  }

  private @Nullable KeptRange find(long fileId, int rank) {
    TreeMap<Integer, KeptRange> ranges = found.get(fileId);
    Map.Entry<Integer, KeptRange> entry = ranges == null ? null : ranges.floorEntry(rank);
    return entry != null && rank < entry.getValue().end() ? entry.getValue() : null;
  }

  synchronized void release(KeptRange range) {
    range.unuse();
  }

  /**
   * A place for what is about to be fetched; null if it is not to be kept.
   *
   * @param fits whether all pages of its database fit into the page cache
   * @return for one writer, who must tell when it is {@link KeptRange#written}
   */
  synchronized @Nullable KeptRange keep(
      IndexedFile of, int first, int end, long bytes, boolean fits) {
    fetched += bytes;
    if (off
        || fetched <= (fits ? cacheBudget : cacheBudget / PART_BEFORE)
        || !isThere()
        || bytes > limit
        || !makeRoom(bytes)) {
      return null;
    }
    KeptRange range = new KeptRange(this, Objects.requireNonNull(file), of, first, end, head);
    head += bytes;
    ring.add(range);
    return range;
  }

  private boolean isThere() {
    if (file != null) {
      return true;
    }
    try {
      ScratchFile made = maker.make();
      most = made.room() / PART_OF_FREE;
      limit = Math.min(limit, most);
      if (most >= LEAST) {
        file = made;
        return true;
      }
      made.close();
      turnOff("there is too little room for it");
    } catch (IOException e) {
      turnOff(e.getMessage());
    }
    return false;
  }

  private boolean makeRoom(long bytes) {
    if (head + bytes > limit) {
      while (!ring.isEmpty() && ring.getFirst().at() >= head) {
        if (!dropFirst()) {
          return false;
        }
      }
      head = 0;
    }
    while (!ring.isEmpty()) {
      long at = ring.getFirst().at();
      boolean inTheWay = at >= head && at < head + bytes;
      if (!inTheWay && ring.size() < MOST_RANGES) {
        break;
      }
      if (!dropFirst()) {
        return false;
      }
    }
    return true;
  }

  private boolean dropFirst() {
    KeptRange range = ring.getFirst();
    if (range.isInUse()) {
      return false;
    }
    forget(range);
    ring.removeFirst();
    return true;
  }

  synchronized void forget(KeptRange range) {
    TreeMap<Integer, KeptRange> ranges = found.get(range.fileId());
    if (ranges != null && ranges.remove(range.first(), range) && ranges.isEmpty()) {
      found.remove(range.fileId());
    }
  }

  synchronized void written(KeptRange range) {
    range.unuse();
    if (off || !range.isWhole()) {
      return;
    }
    TreeMap<Integer, KeptRange> ranges = found.get(range.fileId());
    if (ranges == null) {
      ranges = new TreeMap<>();
      found.put(range.fileId(), ranges);
    }
    KeptRange below = find(range.fileId(), range.first());
    int first = below == null ? range.first() : below.end();
    Integer next = ranges.ceilingKey(first);
    int end = next == null ? range.end() : Math.min(next, range.end());
    if (first < end) {
      range.trim(first, end);
      ranges.put(first, range);
    }
    watchSpeed(range);
  }

  private void watchSpeed(KeptRange range) {
    sampleBytes += range.bytes();
    sampleNanos += range.writeNanos();
    if (sampleBytes >= SAMPLE) {
      if (sampleBytes < sampleNanos * LEAST_BYTES_PER_NANO) {
        turnOff("the disk takes less than 21 MB/s");
      }
      sampleBytes = 0;
      sampleNanos = 0;
    }
  }

  /** The disk has failed. */
  synchronized void fails(IOException why) {
    turnOff(why.getMessage());
  }

  private void turnOff(@Nullable String why) {
    if (off) {
      return;
    }
    off = true;
    found.clear();
    ring.clear();
    trouble.accept(String.valueOf(why));
    ScratchFile made = file;
    if (made != null) {
      try {
        made.empty();
      } catch (IOException e) {
        // Nobody looks at it any more, and it goes with the process.
      }
    }
  }
}
