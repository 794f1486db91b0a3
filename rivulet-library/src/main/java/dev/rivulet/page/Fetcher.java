package dev.rivulet.page;

import dev.rivulet.ltx.Frames;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.ByteRange;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The ranges of one database that are under way or queued: never the same frame twice at once.
 *
 * <p>What a reader waits for starts at once; what is fetched ahead waits for a place: {@value
 * #PARALLEL} long ranges, or {@value #PARALLEL_SHORT} as long as they are short. Thread-safe.
 */
public final class Fetcher {
  /**
   * Requests for bytes nobody waits for yet. S3 gives one request 85 MB/s or so; sixteen fill a 10
   * Gbit/s line.
   */
  static final int PARALLEL = 16;

  /** Short ranges only wait for their first byte, so that more of them share the line. */
  static final int PARALLEL_SHORT = 48;

  /** What is short: all the short ones together are as long as two of the long ones. */
  private static final long SHORT_BYTES = 2L * 1024 * 1024;

  private final ObjectStore store;
  private final PageCache cache;
  private final TreeHints hints;
  private final NetworkModel network;
  private final FetchStats stats;
  private final KeptRanges kept;

  /** Guarded by this. */
  private final Map<Long, List<RangeFetch>> byFile = new HashMap<>();

  private final ArrayDeque<RangeFetch> queue = new ArrayDeque<>();
  private int active;
  private long lastEndNanos = System.nanoTime();
  private long activeBytes;
  private boolean closed;

  Fetcher(
      ObjectStore store,
      PageCache cache,
      TreeHints hints,
      NetworkModel network,
      FetchStats stats,
      @Nullable DiskCache disk) {
    this.store = store;
    this.cache = cache;
    this.hints = hints;
    this.network = network;
    this.stats = stats;
    this.kept = new KeptRanges(disk, new FetchCosts(network, cache.budget()));
  }

  /** Whether a frame is at hand, under way or queued. */
  boolean has(FrameRef frame) {
    return frame.file().awaitsChecksum()
        || cache.contains(frame.file().id(), frame.file().index().pgno(frame.rank()))
        || underWay(frame) != null;
  }

  /** What the disk has of it. */
  KeptRanges kept() {
    return kept;
  }

  /** Whether the disk has a frame, or will have it when a fetch has ended that is under way. */
  boolean isOrWillBeKept(FrameRef frame) {
    RangeFetch fetch = underWay(frame);
    return kept.has(frame) || (fetch != null && fetch.isCopied());
  }

  /**
   * Whether a frame that will be wanted need not be asked for: it is there, or under way, and if it
   * only lies in a gap there, it is kept from now on.
   */
  boolean willHave(FrameRef frame) {
    // Of a file that was read whole nothing is asked for until all of it is proven (WholeFiles).
    if (frame.file().awaitsChecksum() || expectCached(frame)) {
      return true;
    }
    RangeFetch fetch = underWay(frame);
    return fetch != null && (fetch.want(frame.rank()) || expectCached(frame));
  }

  private boolean expectCached(FrameRef frame) {
    return cache.expect(frame.file().id(), frame.file().index().pgno(frame.rank()));
  }

  /** Fetches ranges when there is room; frames outside {@code live} are not decoded. */
  void fetchAhead(List<RangePlanner.Range> ranges, PageMap live) {
    fetchParts(kept.partsOf(ranges), live, Worth.NEAR);
  }

  /**
   * The same for a scan, which passes what lies between the frames that the ranges name.
   *
   * @param after what was fetched for it before these; null if nothing was
   */
  void fetchScan(List<RangePlanner.Range> ranges, PageMap live, @Nullable FrameRef after) {
    fetchParts(kept.partsOfScan(ranges, live, after), live, Worth.PASSING);
  }

  private void fetchParts(List<RangePlanner.Range> parts, PageMap live, Worth between) {
    List<RangeFetch> onDisk = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        return;
      }
      for (RangePlanner.Range range : parts) {
        RangeFetch fetch = register(range, live, between);
        if (kept.claim(fetch)) {
          onDisk.add(fetch);
        } else {
          queue.add(fetch);
        }
      }
    }
    for (RangeFetch fetch : onDisk) {
      start(fetch);
    }
    startQueued();
  }

  /**
   * The fetch that brings a frame: one that is under way or queued (which then starts at once), or
   * a new one of the given range.
   */
  RangeFetch require(FrameRef frame, RangePlanner.Range ifNone, PageMap live) throws IOException {
    RangeFetch fetch;
    boolean atOnce = false;
    synchronized (this) {
      if (closed) {
        throw new InterruptedIOException("the database was closed");
      }
      fetch = underWay(frame);
      if (fetch == null) {
        fetch = register(kept.around(frame, ifNone), live, Worth.NEAR);
        atOnce = kept.claim(fetch);
      }
      fetch.need();
    }
    boolean unused = fetch.want(frame.rank());
    KeptRange source = fetch.source();
    if (atOnce && source != null && fetch.markStarted()) {
      readFrom(source, fetch); // one frame takes less time than to wake another thread
    } else {
      start(fetch);
    }
    return fetch;
  }

  /**
   * Reads one frame around the cache: the last resort when it is so small that a page is evicted
   * before its reader gets to it.
   */
  void readDirectly(FrameRef frame, int from, int length, long to, BooleanSupplier interrupted)
      throws IOException {
    LtxFile file = frame.file().file();
    int size = frame.file().index().size(frame.rank());
    int pageSize = frame.file().header().pageSize();
    byte[] bytes = new byte[size];
    int[] filled = {0};
    CompletableFuture<ObjectVersion> request =
        store.get(
            new GetRequest(file.key(), new ByteRange(frame.offset(), size), file.etag()),
            (chunk, offset, count) -> {
              System.arraycopy(chunk, offset, bytes, filled[0], count);
              filled[0] += count;
            });
    await(request, file, interrupted);
    byte[] page = new byte[pageSize];
    try {
      Frames.decode(bytes, 0, size, frame.file().index().pgno(frame.rank()), pageSize, page, 0);
    } catch (LtxException e) {
      throw new DamagedFileException(file, e);
    }
    NativeMemory.write(page, from, length, to);
  }

  /** Waits for a request about a file; the failure is the fitting exception. */
  static <T> T await(CompletableFuture<T> request, LtxFile file, BooleanSupplier interrupted)
      throws IOException {
    while (true) {
      try {
        return request.get(50, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (interrupted.getAsBoolean()) {
          request.cancel(true);
          throw new InterruptedIOException("interrupted by sqlite3_interrupt");
        }
      } catch (InterruptedException e) {
        request.cancel(true);
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the wait for the store was interrupted");
      } catch (ExecutionException e) {
        throw StaleFileException.orStoreFailure(file, e);
      }
    }
  }

  /** Since when nothing is under way; 0 if something is. */
  synchronized long idleNanos() {
    return active > 0 ? 0 : System.nanoTime() - lastEndNanos;
  }

  /** Gives up what was to be fetched ahead and has not begun: there is no reader any more. */
  synchronized void forgetAhead() {
    for (RangeFetch fetch : queue) {
      if (fetch.giveUp()) {
        var unused = unregister(fetch);
      }
    }
    queue.clear();
  }

  /** Cancels everything; later calls fail or do nothing. */
  void close() {
    List<RangeFetch> running = new ArrayList<>();
    synchronized (this) {
      closed = true;
      queue.clear();
      byFile.values().forEach(running::addAll);
    }
    for (RangeFetch fetch : running) {
      fetch.cancel();
    }
  }

  private RangeFetch register(RangePlanner.Range range, PageMap live, Worth between) {
    RangeFetch fetch = new RangeFetch(range, live, between, cache, hints);
    byFile.computeIfAbsent(range.file().id(), id -> new ArrayList<>()).add(fetch);
    return fetch;
  }

  private synchronized @Nullable RangeFetch underWay(FrameRef frame) {
    List<RangeFetch> fetches = byFile.get(frame.file().id());
    if (fetches != null) {
      for (RangeFetch fetch : fetches) {
        if (fetch.covers(frame.rank())) {
          return fetch;
        }
      }
    }
    return null;
  }

  private void startQueued() {
    while (true) {
      RangeFetch next;
      synchronized (this) {
        boolean full = active >= (activeBytes < SHORT_BYTES ? PARALLEL_SHORT : PARALLEL);
        if (closed || full) {
          return;
        }
        next = queue.poll();
      }
      if (next == null) {
        return;
      }
      start(next);
    }
  }

  private void start(RangeFetch fetch) {
    if (!fetch.markStarted()) {
      return;
    }
    KeptRange source = fetch.source();
    if (source == null) {
      startFromStore(fetch);
      return;
    }
    try {
      kept.execute(() -> readFrom(source, fetch));
    } catch (OutOfMemoryError e) {
      source.release();
      ended(fetch, e);
    }
  }

  private void readFrom(KeptRange source, RangeFetch fetch) {
    Throwable thrown = null;
    try {
      fetch.readFrom(source);
      stats.bytesFromDisk.add(fetch.bytes());
    } catch (IOException e) {
      fetch.setSource(null);
      startFromStore(fetch); // what is left of it
      return;
    } catch (Throwable e) {
      thrown = e;
    } finally {
      source.release();
    }
    ended(fetch, thrown);
  }

  private void startFromStore(RangeFetch fetch) {
    synchronized (this) {
      active++;
      activeBytes += fetch.bytes();
    }
    long begun = System.nanoTime();
    try {
      if (fetch.isNew()) {
        kept.keep(fetch);
      }
      CompletableFuture<ObjectVersion> request = store.get(fetch.toRequest(), fetch);
      fetch.setRequest(request);
      var unused = request.whenComplete((version, thrown) -> ended(fetch, begun, thrown));
    } catch (OutOfMemoryError e) {
      ended(fetch, begun, e); // or whoever waits for it, and whoever will, would wait for ever
    }
  }

  private void ended(RangeFetch fetch, long begun, @Nullable Throwable thrown) {
    long firstByte = fetch.firstByteNanos();
    boolean whole = firstByte != 0 && firstByte - begun >= 0; // else the disk began it, and failed
    if (thrown == null && whole) {
      network.observe(fetch.bytes(), firstByte - begun, System.nanoTime() - firstByte);
      stats.bytesFetched.add(fetch.bytes());
    }
    synchronized (this) {
      if (!unregister(fetch)) {
        return; // it had ended, and there was no memory for what came after that
      }
      active--;
      lastEndNanos = System.nanoTime();
      activeBytes -= fetch.bytes();
    }
    fetch.done(thrown);
    startQueued();
    fetch.copied();
  }

  private void ended(RangeFetch fetch, @Nullable Throwable thrown) {
    if (unregister(fetch)) {
      fetch.done(thrown);
    }
  }

  private synchronized boolean unregister(RangeFetch fetch) {
    List<RangeFetch> fetches = byFile.get(fetch.file().id());
    if (fetches == null || !fetches.remove(fetch)) {
      return false;
    }
    if (fetches.isEmpty()) {
      byFile.remove(fetch.file().id());
    }
    return true;
  }
}
