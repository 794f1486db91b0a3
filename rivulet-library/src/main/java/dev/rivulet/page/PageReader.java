package dev.rivulet.page;

import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Reads pages of views for one connection: from the cache, else from the store.
 *
 * <p>Not thread-safe. A read that the cache answers allocates nothing.
 */
public final class PageReader {
  /** A page that was fetched may be evicted before its reader wakes; so often it is tried again. */
  private static final int TRIES = 3;

  private final PageCache cache;
  private final WholeFiles whole;
  private final Fetcher fetcher;
  private final FetchStats stats;
  private final Readahead readahead;

  PageReader(
      PageCache cache, WholeFiles whole, Fetcher fetcher, FetchStats stats, Readahead readahead) {
    this.cache = cache;
    this.whole = whole;
    this.fetcher = fetcher;
    this.stats = stats;
    this.readahead = readahead;
  }

  /**
   * Copies a part of a page of a view.
   *
   * @param file the file that holds the page's frame
   * @param pgno the page, which the file has
   * @param from offset in the page; with {@code length} inside it
   * @param to the address to copy to
   * @param interrupted asked while waiting; true ends the wait
   * @throws StaleFileException if the file is gone or replaced in the store
   * @throws DamagedFileException if the frame does not decode to this page, or the file was read
   *     whole and its checksum is wrong
   * @throws IOException if the store failed, or the wait was interrupted
   */
  public void read(
      View view,
      IndexedFile file,
      int pgno,
      int from,
      int length,
      long to,
      BooleanSupplier interrupted)
      throws IOException {
    int found = cache.read(file.id(), pgno, from, length, to);
    if (found == PageCache.ABSENT && file.awaitsChecksum()) {
      whole.prove(file, view.map(), interrupted);
      found = cache.read(file.id(), pgno, from, length, to);
    }
    // Short reads are SQLite's look at the change counter, not a sign of where it is going.
    boolean wholePage = length == view.pageSize();
    if (found != PageCache.ABSENT) {
      stats.cacheHits.increment();
      if (found == PageCache.FIRST_HIT) {
        used(file, pgno);
      }
      if (wholePage) {
        readahead.hit(view, pgno, found == PageCache.FIRST_HIT);
        delivered(view, file, pgno, to, found == PageCache.FIRST_HIT);
      }
      return;
    }
    stats.cacheMisses.increment();
    fetch(view, new FrameRef(file, file.index().rank(pgno)), pgno, from, length, to, interrupted);
    if (wholePage) {
      delivered(view, file, pgno, to, true);
    }
  }

  private void delivered(View view, IndexedFile file, int pgno, long to, boolean first) {
    // What is read a second time, although SQLite has a cache of its own, may be read a third time.
    if (readahead.delivered(view, pgno, to) && first) {
      cache.spend(file.id(), pgno, view.pageSize());
    }
  }

  private void fetch(
      View view,
      FrameRef frame,
      int pgno,
      int from,
      int length,
      long to,
      BooleanSupplier interrupted)
      throws IOException {
    long fileId = frame.file().id();
    for (int i = 0; i < TRIES; i++) {
      RangeFetch fetch = readahead.miss(view, pgno, frame);
      if (!fetch.isKept()) {
        stats.waits.increment();
      }
      fetch.await(frame.rank(), interrupted);
      if (cache.read(fileId, pgno, from, length, to) != PageCache.ABSENT) {
        used(frame.file(), pgno);
        return;
      }
    }
    fetcher.readDirectly(frame, from, length, to, interrupted);
  }

  private void used(IndexedFile file, int pgno) {
    stats.bytesUsed.add(file.index().size(file.index().rank(pgno)));
  }
}
