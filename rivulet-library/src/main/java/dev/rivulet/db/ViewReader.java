package dev.rivulet.db;

import dev.rivulet.ltx.PageSize;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.PageReader;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.page.View;
import dev.rivulet.store.ReplicaUrl;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads bytes of a view as SQLite shall see them. If files of the view are gone, merged and deleted
 * by the primary, the same pages are looked for in another plan. Used by one thread at a time.
 */
final class ViewReader {
  /** Another plan, some of whose files may hold what those of a view did that are gone. */
  interface Elsewhere {
    /**
     * Looks for one.
     *
     * @param stale the plan that failed
     */
    Published look(Published stale) throws IOException;
  }

  /** Looks at the store for a page whose files are merged and deleted while it is looked for. */
  private static final int LOOKS = 3;

  private final PageReader reader;
  private final ReplicaUrl url;
  private final Elsewhere elsewhere;
  private final BooleanSupplier interrupted;

  /**
   * Where pages of the view are found now. A file found there is used only if it cannot hold
   * anything newer than the view.
   */
  private @Nullable Published moved;

  ViewReader(PageReader reader, ReplicaUrl url, Elsewhere elsewhere, BooleanSupplier interrupted) {
    this.reader = reader;
    this.url = url;
    this.elsewhere = elsewhere;
    this.interrupted = interrupted;
  }

  /** The next read is of another view. */
  void changed() {
    moved = null;
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

  private void readPage(Published at, int pgno, int from, int count, long to) throws IOException {
    View v = at.view();
    if (pgno == PageSize.lockPage(v.pageSize())) {
      NativeMemory.zero(to, count);
      return;
    }
    if (moved == null) {
      IndexedFile file = v.map().find(pgno);
      if (file == null) {
        throw missing(v, pgno);
      }
      try {
        reader.read(v, file, pgno, from, count, to, interrupted);
        return;
      } catch (StaleFileException e) {
        moved = elsewhere.look(at);
      }
    }
    readMoved(at, pgno, from, count, to);
  }

  /**
   * Reads a page of a view some of whose files are gone, from another plan: the file that holds the
   * page there holds the same version if it has nothing later than the view.
   */
  private void readMoved(Published at, int pgno, int from, int count, long to) throws IOException {
    View v = at.view();
    Published other = moved;
    for (int i = 0; other != null && i < LOOKS; i++) {
      View there = other.view();
      IndexedFile file = there.map().find(pgno);
      if (file == null || other.lineage() != at.lineage() || !holdsSame(other, file, v, pgno)) {
        break;
      }
      try {
        reader.read(there, file, pgno, from, count, to, interrupted);
        return;
      } catch (StaleFileException e) {
        other = elsewhere.look(other);
        moved = other;
      }
    }
    throw new IOException(
        "Page "
            + pgno
            + " of the state at TXID "
            + v.txid()
            + " is no longer in the replica "
            + url.display()
            + ": it was removed or replaced while this transaction was open, by the primary's"
            + " retention most likely. End the transaction and run it again");
  }

  /**
   * Whether a page that another plan finds in {@code file} is the page of a view: nothing later
   * than the view is in the file, and it is a file of the same history. A replica that was wiped
   * and begun anew repeats TXIDs, but with later times: a merged file has the time of its newest
   * transaction. (If the other plan is of a later state, a snapshot of the view's very TXID that
   * was made later is refused too: an error that ends with the transaction, where the other choice
   * could be a wrong page.) Nor may the file end before the one that the view had the page from: it
   * could not hold what that one's last transactions wrote, as when the replica was restored to an
   * earlier state in between. A plan of the same number is one of the same state, found in other
   * files, and any of them will do.
   */
  private static boolean holdsSame(Published other, IndexedFile file, View v, int pgno) {
    View there = other.view();
    if (there.number() == v.number()) {
      return true;
    }
    IndexedFile before = v.map().find(pgno);
    if (before == null || before.file().max().after(file.file().max())) {
      return false;
    }
    View witness = other.witness();
    if (witness != null
        && !v.txid().after(witness.txid())
        && !file.file().max().after(witness.txid())
        && before.equals(witness.map().find(pgno))) {
      return true;
    }
    return !file.file().max().after(v.txid())
        && file.header().timestampMillis() <= v.timeMillis()
        && !v.txid().after(there.txid())
        && there.pageSize() == v.pageSize();
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
}
