package dev.rivulet.db;

import dev.rivulet.ltx.PageSize;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.FetchStats;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.PageReader;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.page.View;
import dev.rivulet.store.CountingStore;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One open database file of one SQLite connection. Used by one thread at a time.
 *
 * <p>Between {@link #begin} and {@link #end} it reads one view, whatever is published meanwhile;
 * outside, the newest, or that of the moment it has travelled to.
 */
public final class Session implements AutoCloseable {
  private final Database database;
  private final PageReader reader;
  private final BooleanSupplier interrupted;

  /** The view of the opening for ever, because SQLite takes no locks. */
  private final boolean pinned;

  /** Where it is in time: while that is not the newest state, it reads {@code view} only. */
  private Moment moment;

  private View view;
  private boolean inTransaction;
  private boolean closed;

  /**
   * Where pages of {@code view} are found now, if its files were merged and deleted meanwhile. A
   * file found there is used only if it cannot hold anything newer than the view.
   */
  private @Nullable View moved;

  Session(Database database, View view, Settings own, BooleanSupplier interrupted) {
    this.database = database;
    this.reader = database.pages().reader();
    this.interrupted = interrupted;
    this.pinned = own.pinned();
    this.moment = own.moment();
    this.view = view;
  }

  /** A read transaction begins: takes the newest view, unless it is away in time. */
  public void begin() {
    if (follows() && !inTransaction) {
      take(database.newest());
    }
    inTransaction = true;
  }

  private boolean follows() {
    return !pinned && moment instanceof Moment.Latest;
  }

  /**
   * Goes to a moment and stays there; {@link Moment.Latest} goes back to following the primary.
   *
   * @return where it is now
   * @throws IOException if a read transaction is open, whose rows would be of two moments; if the
   *     moment cannot be had (the message names the nearest that can), it stays where it was
   */
  public Reached travel(Moment to) throws IOException {
    if (pinned) {
      throw new IOException(
          "This connection was opened with immutable=1 or nolock=1, so SQLite would not notice that"
              + " it is at another moment: open it without them, or with time= or txid=");
    }
    if (inTransaction) {
      throw new IOException(
          "The moment cannot be changed while a transaction or a statement is reading: end it"
              + " first (COMMIT or ROLLBACK, and read or close every result)");
    }
    View there = database.viewAt(to, interrupted);
    moment = to;
    // Also if its number is the same: its files may be others, for those it had are gone.
    view = there;
    moved = null;
    return Reached.of(there);
  }

  /** Where it is in time. */
  public Reached reached() {
    return Reached.of(current());
  }

  /**
   * The states that can be restored, ascending.
   *
   * @param exact whether the time in every header is read; otherwise those known already are given
   */
  public List<History.State> history(boolean exact) throws IOException {
    return database.travel().history(exact, interrupted);
  }

  /** The read transaction has ended. */
  public void end() {
    inTransaction = false;
  }

  private void take(View newest) {
    if (newest.number() != view.number()) {
      view = newest;
      moved = null;
    }
  }

  private View current() {
    if (follows() && !inTransaction) {
      take(database.newest());
    }
    return view;
  }

  /** The view that is read: the transaction's, else the newest. */
  public View view() {
    return current();
  }

  /** The database's size in bytes. */
  public long size() {
    return current().bytes();
  }

  /** In bytes. */
  public int pageSize() {
    return view.pageSize();
  }

  /**
   * Copies bytes of the database as SQLite shall see them.
   *
   * @param to the address to copy to
   * @param length 0 or more; what lies beyond the database's end is filled with zeros
   * @return whether all bytes lie inside the database
   * @throws IOException if a page cannot be read; the message says what to do
   */
  public boolean read(long to, int length, long offset) throws IOException {
    View v = current();
    int pageSize = v.pageSize();
    int done = 0;
    while (done < length) {
      long at = offset + done;
      if (at >= v.bytes()) {
        NativeMemory.zero(to + done, length - done);
        return false;
      }
      int pgno = (int) (at / pageSize) + 1;
      int from = (int) (at % pageSize);
      int count = Math.min(length - done, pageSize - from);
      readPage(v, pgno, from, count, to + done);
      if (pgno == 1 && from < HeaderPatch.END) {
        HeaderPatch.apply(v, from, count, to + done);
      }
      done += count;
    }
    return true;
  }

  private void readPage(View v, int pgno, int from, int count, long to) throws IOException {
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
        moved = elsewhere(v, v);
      }
    }
    readMoved(v, pgno, from, count, to);
  }

  /**
   * Another plan, some of whose files hold what those of a view did that are gone: the newest, or
   * away in time, another one of the same state.
   */
  private View elsewhere(View v, View stale) throws IOException {
    if (moment instanceof Moment.Latest) {
      return database.planAgain(stale, interrupted);
    }
    database.travel().forget();
    return database.travel().view(new Moment.At(v.txid()), interrupted);
  }

  /**
   * Reads a page of a view some of whose files are gone, from another plan: the file that holds the
   * page there holds the same version if it has nothing later than the view.
   */
  private void readMoved(View v, int pgno, int from, int count, long to) throws IOException {
    View newer = moved;
    for (int i = 0; newer != null && i < 2; i++) {
      IndexedFile file = newer.map().find(pgno);
      if (file != null && holdsSame(newer, file, v)) {
        try {
          reader.read(newer, file, pgno, from, count, to, interrupted);
          return;
        } catch (StaleFileException e) {
          newer = elsewhere(v, newer);
          moved = newer;
          continue;
        }
      }
      break;
    }
    throw new IOException(
        "Page "
            + pgno
            + " of the state at TXID "
            + v.txid()
            + " is no longer in the replica "
            + database.settings().url().display()
            + ": the primary's retention removed it while this transaction was open. End the"
            + " transaction and run it again");
  }

  /**
   * Whether a page that a newer plan finds in {@code file} is the page of an older view: nothing
   * later than the view is in the file, and it is a file of the same history. A replica that was
   * wiped and begun anew repeats TXIDs, but with later times: a merged file has the time of its
   * newest transaction. (A snapshot of the view's very TXID that was made later is refused too: an
   * error that ends with the transaction, where the other choice could be a wrong page.)
   */
  private static boolean holdsSame(View newer, IndexedFile file, View v) {
    return !file.file().max().after(v.txid())
        && file.header().timestampMillis() <= v.timeMillis()
        && !v.txid().after(newer.txid())
        && newer.pageSize() == v.pageSize();
  }

  private IOException missing(View v, int pgno) {
    return new IOException(
        "Page "
            + pgno
            + " of "
            + v.commit()
            + " is in no LTX file of the replica "
            + database.settings().url().display()
            + ": the replica is incomplete. Let the primary make a new snapshot");
  }

  /** The transaction id of the view: 16 hex digits. */
  public String txid() {
    return current().txid().toString();
  }

  /** When the view's newest transaction was replicated: RFC 3339, UTC. */
  public String time() {
    return Instant.ofEpochMilli(current().timeMillis()).toString();
  }

  /** What this database is at, as a JSON object. */
  public String statusJson() {
    View v = current();
    return new Json()
        .put("replica", database.settings().url().display())
        .put("txid", v.txid().toString())
        .put("time", Instant.ofEpochMilli(v.timeMillis()).toString())
        .put("age_seconds", (System.currentTimeMillis() - v.timeMillis()) / 1000.0)
        .put("page_size", v.pageSize())
        .put("pages", v.commit())
        .put("plan_files", v.plan().files().size())
        .put("plan_bytes", v.plan().bytes())
        .toString();
  }

  /** What this database has cost since it was opened in this process, as a JSON object. */
  public String statsJson() {
    FetchStats stats = database.pages().stats();
    CountingStore.Counts counts = database.store().counts();
    return new Json()
        .put("lists", counts.lists())
        .put("gets", counts.gets())
        .put("puts", counts.puts())
        .put("deletes", counts.deletes())
        .put("failures", counts.failures())
        .put("bytes", counts.bytesRead())
        .put("in_sequence", counts.sequence())
        .put("cache_hits", stats.cacheHits())
        .put("cache_misses", stats.cacheMisses())
        .put("bytes_fetched", stats.bytesFetched())
        .put("bytes_never_used", stats.bytesNeverUsed())
        .put("waits", stats.waits())
        .put("latency_ms", database.pages().network().latencySeconds() * 1000)
        .toString();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Databases.release(database);
    }
  }
}
