package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.Frames;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.ByteRange;
import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ObjectVersion;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One ranged GET over neighbouring frames of a file, decoded into the cache while it arrives.
 *
 * <p>Nothing waits for the whole range: whoever wants a frame is woken when that frame is there, so
 * fetching neighbours costs a reader nothing but the bytes before its own. No buffer holds the
 * range either; a frame that is cut by the end of a network read is carried over in one small one.
 */
final class RangeFetch implements ByteSink {
  private static final long POLL_INTERRUPT_MILLIS = 50;

  /** For where there is no memory to make an exception. It does not tell where that was. */
  @SuppressWarnings("StaticAssignmentOfThrowable")
  private static final IOException NO_MEMORY =
      new IOException("out of memory in the Java VM", new OutOfMemoryError());

  private final IndexedFile file;
  private final int firstRank;
  private final int endRank;
  private final PageMap live;
  private final Worth between;
  private final PageCache cache;
  private final TreeHints hints;

  /** Only touched by the store's thread that delivers. */
  private final FrameSplitter splitter;

  private long firstByteNanos;
  private long delivered;

  /** Where it is kept on disk, and so comes from; null if it comes from the store. */
  private volatile @Nullable KeptRange source;

  /** Where it is to be kept; null if it is not. */
  private volatile @Nullable KeptRange copy;

  /** The kind of leaf that was named last, or whose parent was. */
  private int wantedLeaf = Frames.UNKNOWN;

  /** The ranks that are named, from the first on. Guarded by this. */
  private final BitSet wanted = new BitSet();

  /** What is wrong with which frames, by rank; empty but for damaged files. */
  private final Map<Integer, LtxException> damage = new HashMap<>();

  /** The first rank that somebody waits for. Written under the lock, read without. */
  private volatile int awaited = Integer.MAX_VALUE;

  private boolean needed;
  private boolean started;
  private boolean finished;
  private int ready;
  private @Nullable IOException failure;
  private @Nullable CompletableFuture<ObjectVersion> request;

  /**
   * A fetch of a range.
   *
   * @param between what the frames are worth that it does not name
   */
  RangeFetch(
      RangePlanner.Range range, PageMap live, Worth between, PageCache cache, TreeHints hints) {
    this.file = range.file();
    this.firstRank = range.first();
    this.endRank = range.end();
    this.live = live;
    this.between = between;
    for (int i = 0; i < range.wanted().size(); i++) {
      wanted.set(range.wanted().get(i) - firstRank);
    }
    this.cache = cache;
    this.hints = hints;
    this.splitter = new FrameSplitter(file.index(), firstRank, endRank, this::frame);
    this.ready = firstRank;
  }

  IndexedFile file() {
    return file;
  }

  /** Bytes of all pages of the database that it is a part of. */
  long databaseBytes() {
    return (long) live.pages() * file.header().pageSize();
  }

  boolean covers(int wanted) {
    return wanted >= firstRank && wanted < endRank;
  }

  /** Somebody waits for it, or is about to. */
  synchronized void need() {
    needed = true;
  }

  /** Marks it as started, unless it was or somebody needs it; false then. */
  synchronized boolean giveUp() {
    return !needed && markStarted();
  }

  /** Names a rank of this range; false if it may have passed already, kept or not. */
  synchronized boolean want(int rankOfFile) {
    wanted.set(rankOfFile - firstRank);
    return ready <= rankOfFile && !finished;
  }

  long bytes() {
    FrameIndex index = file.index();
    return index.offset(endRank - 1) + index.size(endRank - 1) - index.offset(firstRank);
  }

  int first() {
    return firstRank;
  }

  int end() {
    return endRank;
  }

  /** Whether nothing of it has come yet. */
  boolean isNew() {
    return delivered == 0;
  }

  /** For what has not come yet. */
  GetRequest toRequest() {
    LtxFile f = file.file();
    return new GetRequest(
        f.key(),
        new ByteRange(file.index().offset(firstRank) + delivered, bytes() - delivered),
        f.etag());
  }

  /** It comes from the disk, and not from the store. */
  void setSource(@Nullable KeptRange kept) {
    source = kept;
  }

  /** Whether it comes from the disk. */
  boolean isKept() {
    return source != null;
  }

  @Nullable KeptRange source() {
    return source;
  }

  /** Keeps what comes. */
  void setCopy(@Nullable KeptRange kept) {
    copy = kept;
  }

  /** Whether the disk is to keep it. */
  boolean isCopied() {
    return copy != null;
  }

  /** Takes all of it from the disk. */
  void readFrom(KeptRange kept) throws IOException {
    kept.read(file.index().offset(firstRank), bytes(), this);
  }

  /** Nanoseconds at which the first byte came, as {@link System#nanoTime}; 0 if none came. */
  long firstByteNanos() {
    return firstByteNanos;
  }

  synchronized boolean markStarted() {
    boolean first = !started;
    started = true;
    return first;
  }

  synchronized void setRequest(CompletableFuture<ObjectVersion> request) {
    this.request = request;
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) {
    if (firstByteNanos == 0) {
      firstByteNanos = System.nanoTime();
    }
    splitter.accept(bytes, offset, length);
    delivered += length;
    synchronized (this) {
      ready = splitter.rank();
      notifyAll();
    }
    KeptRange to = copy;
    if (to != null) {
      to.write(bytes, offset, length); // after those were woken who wait
    }
  }

  /** Wakes whoever waits for the frame just dealt with, before the rest is decoded. */
  private void wakeIfWanted(int rank) {
    if (rank >= awaited) {
      synchronized (this) {
        ready = rank + 1;
        awaited = Integer.MAX_VALUE;
        notifyAll();
      }
    }
  }

  private void frame(int rank, byte[] bytes, int offset) {
    Worth worth =
        file.equals(live.find(file.index().pgno(rank)))
            ? worth(rank, bytes, offset, file.index().size(rank))
            : null;
    if (worth != null) {
      try {
        FrameIntake.take(file, rank, bytes, offset, cache, worth, hints);
      } catch (LtxException e) {
        damaged(rank, e);
      }
    }
    wakeIfWanted(rank);
  }

  private void damaged(int rank, LtxException why) {
    KeptRange from = source;
    if (from != null) {
      from.forget(); // who needs it gets it from the store
      return;
    }
    synchronized (this) {
      // The others in the range may be good, and this may be one that nobody wants.
      damage.put(rank, why);
    }
  }

  /**
   * What the frame at hand is worth; null if it is not worth decoding. Of what lies in the gaps of
   * a scan that is what is of another kind than the scan reads: after a scan of a table comes one
   * of another table, and hardly one of an index.
   */
  private @Nullable Worth worth(int rank, byte[] bytes, int offset, int size) {
    boolean named;
    synchronized (this) {
      named = wanted.get(rank - firstRank);
    }
    if (!named && source != null) {
      return null; // it can be had again for as little
    }
    if (!named && between != Worth.PASSING) {
      return between;
    }
    int type = Frames.firstByte(bytes, offset, size);
    if (named) {
      wantedLeaf = TreeHints.leafType(type);
      return Worth.WANTED;
    }
    if (TreeHints.isInterior(type)) {
      return Worth.NEAR; // a few, which tell where everything else is
    }
    return type == wantedLeaf ? Worth.PASSING : null;
  }

  /** The request has ended; with a failure or with every frame delivered. */
  void done(@Nullable Throwable thrown) {
    IOException e = NO_MEMORY;
    try {
      e = failure(thrown);
    } finally {
      synchronized (this) {
        finished = true;
        failure = e;
        request = null;
        notifyAll();
      }
    }
  }

  /** Nothing more comes that could be kept. */
  void copied() {
    KeptRange to = copy;
    if (to != null) {
      to.written();
    }
  }

  private @Nullable IOException failure(@Nullable Throwable thrown) {
    if (thrown instanceof CancellationException) {
      return new InterruptedIOException("the database was closed");
    }
    return thrown == null ? null : StaleFileException.orStoreFailure(file.file(), thrown);
  }

  /** Cancels the request if it is under way. */
  void cancel() {
    CompletableFuture<ObjectVersion> r;
    synchronized (this) {
      r = request;
    }
    if (r != null) {
      r.cancel(true);
    }
  }

  /**
   * Waits until a frame of this range has been dealt with. That it then is in the cache is likely,
   * not certain: the caller looks again.
   *
   * @throws DamagedFileException if that very frame is damaged
   * @throws IOException if the range failed before that frame, or the wait was interrupted
   */
  synchronized void await(int wanted, BooleanSupplier interrupted) throws IOException {
    while (ready <= wanted && !finished) {
      awaited = Math.min(awaited, wanted);
      try {
        wait(POLL_INTERRUPT_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the wait for the store was interrupted");
      }
      if (ready <= wanted && !finished && interrupted.getAsBoolean()) {
        throw new InterruptedIOException("interrupted by sqlite3_interrupt");
      }
    }
    LtxException damaged = damage.get(wanted);
    if (damaged != null) {
      throw new DamagedFileException(file.file(), damaged);
    }
    if (failure != null && ready <= wanted) {
      throw failure;
    }
  }
}
