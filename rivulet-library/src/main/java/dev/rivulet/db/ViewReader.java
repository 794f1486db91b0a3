package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.PageReader;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.page.View;
import dev.rivulet.store.ReplicaUrl;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads bytes of a view as SQLite shall see them. If files of the view are gone, merged and deleted
 * by the primary, the same pages are looked for in another plan. Used by one thread at a time.
 */
final class ViewReader implements AutoCloseable {
  /** Other plans, whose files may hold what those of a view did that are gone. */
  interface Elsewhere {
    /**
     * The newest published one, made anew if need be.
     *
     * @param stale the plan that failed
     * @return null if the view is not looked for there
     */
    @Nullable Published newest(Published stale) throws IOException;

    /**
     * One of a view's own TXID, made anew.
     *
     * @throws IOException if there is none any more
     */
    View again(View view) throws IOException;
  }

  /** The database header at the beginning of page 1 (SQLite file format, section 1.3). */
  private static final int HEADER = 100;

  /** Looks at the store for a page whose files are merged and deleted while it is looked for. */
  private static final int LOOKS = 3;

  private final PageReader reader;
  private final ReplicaUrl url;
  private final Elsewhere elsewhere;
  private final Supplier<@Nullable HydratedFile> hydrated;
  private final BooleanSupplier interrupted;

  /** The header of a view, as SQLite shall see it. */
  private final long header = NativeMemory.allocate(HEADER);

  private @Nullable Published headerOf;

  /** A newer plan, where pages that have not changed since the view are found; null at first. */
  private @Nullable Published newer;

  /** A plan of the view's own TXID, which has all of its pages; null until one was needed. */
  private @Nullable View again;

  /** Why there is none. */
  private @Nullable IOException lost;

  /**
   * A reader.
   *
   * @param hydrated the local file, if there is one, which is asked first
   */
  ViewReader(
      PageReader reader,
      ReplicaUrl url,
      Elsewhere elsewhere,
      Supplier<@Nullable HydratedFile> hydrated,
      BooleanSupplier interrupted) {
    this.hydrated = hydrated;
    this.reader = reader;
    this.url = url;
    this.elsewhere = elsewhere;
    this.interrupted = interrupted;
  }

  /** The next read is of another view. */
  void changed() {
    newer = null;
    again = null;
    lost = null;
  }

  /**
   * Copies bytes of a view.
   *
   * @param to the address to copy to
   * @param length 0 or more; what lies beyond the database's end is filled with zeros
   * @return whether all bytes lie inside the database
   * @throws IOException if a page cannot be read; the message says what to do
   */
  boolean read(Published at, long to, int length, long offset) throws IOException {
    View v = at.view();
    if (offset + length <= Math.min(HEADER, v.bytes())) {
      readHeader(at);
      NativeMemory.copy(header + offset, to, length);
      return true;
    }
    int pageSize = v.pageSize();
    int done = 0;
    while (done < length) {
      long position = offset + done;
      if (position >= v.bytes()) {
        NativeMemory.zero(to + done, length - done);
        return false;
      }
      int pgno = (int) (position / pageSize) + 1;
      int from = (int) (position % pageSize);
      int count = Math.min(length - done, pageSize - from);
      readPage(at, pgno, from, count, to + done);
      if (pgno == 1 && from < HeaderPatch.END) {
        HeaderPatch.apply(v, from, count, to + done);
      }
      done += count;
    }
    return true;
  }

  /** Every transaction begins with a look at 16 bytes of it, which is all that many look at. */
  private void readHeader(Published at) throws IOException {
    if (!at.is(headerOf)) {
      headerOf = null;
      readPage(at, 1, 0, HEADER, header);
      HeaderPatch.apply(at.view(), 0, HEADER, header);
      headerOf = at;
    }
  }

  private void readPage(Published at, int pgno, int from, int count, long to) throws IOException {
    View v = at.view();
    HydratedFile local = hydrated.get();
    if (local != null && local.read(v, at.lineage(), pgno, from, count, to)) {
      return;
    }
    if (pgno == PageSize.lockPage(v.pageSize())) {
      NativeMemory.zero(to, count);
      return;
    }
    if (newer == null && again == null && lost == null) {
      IndexedFile file = v.map().find(pgno);
      if (file == null) {
        throw missing(v, pgno);
      }
      try {
        reader.read(v, file, pgno, from, count, to, interrupted);
        if (local != null && count == v.pageSize()) {
          offer(local, file, pgno, to);
        }
        return;
      } catch (StaleFileException e) {
        newer = elsewhere.newest(at);
      }
    }
    if (!readNewer(at, pgno, from, count, to) && !readAgain(v, pgno, from, count, to)) {
      throw gone(v, pgno);
    }
  }

  /** What was fetched for a query need not be fetched for the local file. */
  private static void offer(HydratedFile local, IndexedFile file, int pgno, long address) {
    try {
      local.offer(file, pgno, address);
    } catch (IOException e) {
      // A full disk is the hydrator's to tell.
    }
  }

  /** Reads a page from a newer plan; false if what that finds may be a newer page. */
  private boolean readNewer(Published at, int pgno, int from, int count, long to)
      throws IOException {
    for (int i = 0; newer != null && i < LOOKS; i++) {
      View there = newer.view();
      IndexedFile file = there.map().find(pgno);
      if (file == null || newer.lineage() != at.lineage()) {
        return false;
      }
      if (there.number() != at.view().number() && !holdsSame(there, file, at.view(), pgno)) {
        return false;
      }
      try {
        reader.read(there, file, pgno, from, count, to, interrupted);
        return true;
      } catch (StaleFileException e) {
        newer = elsewhere.newest(newer);
      }
    }
    return false;
  }

  /** Reads a page from another plan of the view's TXID; false if there is none any more. */
  private boolean readAgain(View v, int pgno, int from, int count, long to) throws IOException {
    for (int i = 0; lost == null && i < LOOKS; i++) {
      try {
        if (again == null) {
          again = elsewhere.again(v);
        }
        IndexedFile file = again.map().find(pgno);
        if (file == null || !(isSameState(again, v) || holdsSame(again, file, v, pgno))) {
          return false;
        }
        reader.read(again, file, pgno, from, count, to, interrupted);
        return true;
      } catch (StaleFileException e) {
        again = null;
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        if (again != null) {
          throw e;
        }
        lost = e;
      }
    }
    return false;
  }

  /**
   * Whether two views of one TXID certainly are the same state: a replica that was wiped and begun
   * anew repeats TXIDs, but not their times. (Times may differ nonetheless: a snapshot has the time
   * of its making.)
   */
  private static boolean isSameState(View a, View b) {
    return a.txid().equals(b.txid())
        && a.timeMillis() == b.timeMillis()
        && a.pageSize() == b.pageSize()
        && a.commit() == b.commit();
  }

  /**
   * Whether a page that another plan finds in {@code file} is the page of a view: nothing later
   * than the view is in the file, and it is a file of the same history. A replica that was wiped
   * and begun anew repeats TXIDs, but with later times: a merged file has the time of its newest
   * transaction. Nor may the file end before the one that the view had the page from: it could not
   * hold what that one's last transactions wrote, as when the replica was restored to an earlier
   * state in between.
   */
  private static boolean holdsSame(View there, IndexedFile file, View v, int pgno) {
    IndexedFile before = v.map().find(pgno);
    return before != null
        && !before.file().max().after(file.file().max())
        && !file.file().max().after(v.txid())
        && file.header().timestampMillis() <= v.timeMillis()
        && !v.txid().after(there.txid())
        && there.pageSize() == v.pageSize();
  }

  private IOException gone(View v, int pgno) {
    if (newer == null && lost != null) {
      return lost; // at a moment of the past: it says which ones are there
    }
    return new IOException(
        "Page "
            + pgno
            + " of the state at TXID "
            + v.txid()
            + " is no longer in the replica "
            + url.display()
            + ": it was removed or replaced while this transaction was open, by the primary's"
            + " retention most likely. End the transaction and run it again",
        lost);
  }

  private IOException missing(View v, int pgno) {
    return new IOException(
        "Page "
            + pgno
            + " of "
            + v.commit()
            + " is in no LTX file of the replica "
            + url.display()
            + ": the replica is incomplete. Let the primary make a new snapshot");
  }

  @Override
  public void close() {
    NativeMemory.free(header);
  }
}
