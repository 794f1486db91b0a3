package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.LtxDecoder;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.store.ByteRange;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Files that were read whole and whose checksums are not compared yet: that is done before the
 * first page of one is used.
 *
 * <p>A plan of a replica with a past has dozens of files that rewrite the same pages. The checksum
 * is of the pages, so comparing it means decoding all of them, which for all files would cost many
 * times what the database has, and a new process that wants three rows as much time as several
 * round trips. So a reader that wants a page of a file does that for this one file, and for the
 * others it is done in the background. Of a file of which a view needs nothing it is never done.
 *
 * <p>Thread-safe.
 */
final class WholeFiles {
  /** Sixteen of the longest. What does not fit is read again, whole, when it is wanted. */
  private static final long MOST_BYTES = 16L << 20;

  private final ObjectStore store;
  private final PageCache cache;
  private final TreeHints hints;
  private final FetchStats stats;
  private final Executor background;

  /** The oldest first. Guarded by this, as the sum of their lengths. */
  private final Map<Long, byte[]> byId = new LinkedHashMap<>();

  private long bytes;

  /**
   * None yet.
   *
   * @param background runs what nobody waits for
   */
  WholeFiles(
      ObjectStore store, PageCache cache, TreeHints hints, FetchStats stats, Executor background) {
    this.background = background;
    this.store = store;
    this.cache = cache;
    this.hints = hints;
    this.stats = stats;
  }

  /** Keeps a file's bytes; the oldest go if there are too many. */
  synchronized void put(IndexedFile file, byte[] whole) {
    byId.put(file.id(), whole);
    bytes += whole.length;
    var oldest = byId.values().iterator();
    while (bytes > MOST_BYTES) {
      bytes -= oldest.next().length;
      oldest.remove();
    }
  }

  /** How many bytes are held. */
  synchronized long heldBytes() {
    return bytes;
  }

  /** Lets go of a file's bytes. */
  synchronized void drop(IndexedFile file) {
    byte[] whole = byId.remove(file.id());
    bytes -= whole == null ? 0 : whole.length;
  }

  private synchronized byte @Nullable [] held(IndexedFile file) {
    return byId.get(file.id());
  }

  /**
   * Compares a file's checksum, if that was not done, and puts its pages that a view has into the
   * cache. Of a file that is not held, or was found damaged, all is read again, in one GET.
   *
   * @param live the view's pages
   * @param interrupted asked while waiting; true ends the wait
   * @throws DamagedFileException if the checksum is wrong
   * @throws StaleFileException if the file is gone or replaced in the store
   * @throws IOException if the store failed, or the wait was interrupted
   */
  void prove(IndexedFile file, PageMap live, BooleanSupplier interrupted) throws IOException {
    if (proveHeld(file, live)) {
      return;
    }
    byte[] whole = new byte[Math.toIntExact(file.file().size())];
    int[] filled = {0};
    stats.waits.increment();
    var unused =
        Fetcher.await(
            store.get(
                new GetRequest(
                    file.file().key(), new ByteRange(0, whole.length), file.file().etag()),
                (piece, offset, length) -> {
                  System.arraycopy(piece, offset, whole, filled[0], length);
                  filled[0] += length;
                }),
            file.file(),
            interrupted);
    stats.bytesFetched.add(file.index().framesEnd() - file.index().offset(0));
    synchronized (file) {
      if (file.awaitsChecksum()) {
        compare(file, whole, live);
      }
    }
  }

  /**
   * The same of a file that is held, or needs it no more; else does nothing.
   *
   * @return whether its pages can be used
   */
  boolean proveHeld(IndexedFile file, PageMap live) throws DamagedFileException {
    try {
      return compareHeld(file, live);
    } catch (DamagedFileException e) {
      drop(file); // perhaps it was damaged on its way; who tries again reads it again
      throw e;
    }
  }

  private boolean compareHeld(IndexedFile file, PageMap live) throws DamagedFileException {
    // Whoever else wants it waits here for the one that compares.
    synchronized (file) {
      byte[] whole = file.awaitsChecksum() ? held(file) : null;
      if (whole != null) {
        compare(file, whole, live);
      }
      return !file.awaitsChecksum();
    }
  }

  private void compare(IndexedFile file, byte[] whole, PageMap live) throws DamagedFileException {
    try {
      LtxDecoder decoder = new LtxDecoder((pgno, page) -> {});
      decoder.accept(whole, 0, whole.length);
      decoder.finish();
      // Where the pages are was read from other bytes, if these are new.
      file.index().checkIs(decoder.index());
      keep(file, whole, live);
      file.proven();
    } catch (LtxException e) {
      throw new DamagedFileException(file.file(), e);
    } catch (IOException e) {
      throw new AssertionError("a sink that does nothing failed", e);
    }
    drop(file);
  }

  private void keep(IndexedFile file, byte[] whole, PageMap live) throws LtxException {
    FrameIndex index = file.index();
    for (int rank = 0; rank < index.count(); rank++) {
      if (file.equals(live.find(index.pgno(rank)))) {
        FrameIntake.take(file, rank, whole, (int) index.offset(rank), cache, Worth.NEAR, hints);
      }
    }
  }

  /** Does in the background what a reader of a view would otherwise wait for. */
  void proveSoon(List<IndexedFile> files, PageMap live) {
    List<IndexedFile> wanted = new ArrayList<>();
    for (IndexedFile file : files) {
      if (file.awaitsChecksum() && held(file) != null) {
        if (isLive(file, live)) {
          wanted.add(file);
        } else {
          drop(file);
        }
      }
    }
    if (!wanted.isEmpty()) {
      background.execute(() -> wanted.forEach(file -> proveInBackground(file, live)));
    }
  }

  private static boolean isLive(IndexedFile file, PageMap live) {
    FrameIndex index = file.index();
    for (int rank = 0; rank < index.count(); rank++) {
      if (file.equals(live.find(index.pgno(rank)))) {
        return true;
      }
    }
    return false;
  }

  private void proveInBackground(IndexedFile file, PageMap live) {
    try {
      var unused = compareHeld(file, live);
    } catch (DamagedFileException | OutOfMemoryError e) {
      // Whoever reads a page of it is told, or has more memory.
    }
  }
}
