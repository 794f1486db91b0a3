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
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One open database file of one SQLite connection. Used by one thread at a time.
 *
 * <p>Between {@link #begin} and {@link #end} it reads one view, whatever is published meanwhile;
 * outside, the newest.
 */
public final class Session implements AutoCloseable {
  private final Database database;
  private final PageReader reader;
  private final BooleanSupplier interrupted;

  /** The view of the opening for ever, because SQLite takes no locks. */
  private final boolean pinned;

  private View view;
  private boolean inTransaction;
  private boolean closed;

  /**
   * Where pages of {@code view} are found now, if its files were merged and deleted meanwhile. A
   * file found there is used only if it cannot hold anything newer than the view.
   */
  private @Nullable View moved;

  Session(Database database, View view, boolean pinned, BooleanSupplier interrupted) {
    this.database = database;
    this.reader = database.pages().reader();
    this.interrupted = interrupted;
    this.pinned = pinned;
    this.view = view;
  }

  /** A read transaction begins: takes the newest view. */
  public void begin() {
    if (!pinned && !inTransaction) {
      take(newest());
    }
    inTransaction = true;
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
    if (!pinned && !inTransaction) {
      take(newest());
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
        moved = database.planAgain(v, interrupted);
      }
    }
    readMoved(v, pgno, from, count, to);
  }

  /**
   * Reads a page of a view some of whose files are gone, from the newest plan: the file that holds
   * the page there holds the same version if it has nothing later than the view.
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
          newer = database.planAgain(newer, interrupted);
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

  // ---- What the SQL surface asks for; the follower and time travel replace these bodies. ----

  private static final String IN_TRANSACTION =
      "a read transaction is open on this connection, and it keeps its state: finish its statements"
          + " and end it (COMMIT or ROLLBACK), then set the time";

  private static final String PINNED =
      "the database was opened with immutable=1 or nolock=1, so it stays at one state: open it"
          + " without them, or at that time by the parameter time";

  private @Nullable View away;
  private String pollInterval = "1s";
  private String maxStaleness = "none";
  private long polledMillis = System.currentTimeMillis();

  private View newest() {
    View v = away;
    return v == null ? database.newest() : v;
  }

  /** Goes to a time, or follows again by {@code LATEST}. Returns the time and TXID it went to. */
  public String setTime(String text) throws IOException {
    if (text.equalsIgnoreCase("LATEST")) {
      return go(null);
    }
    try {
      long millis = java.time.OffsetDateTime.parse(text).toInstant().toEpochMilli();
      return go(new RestorePoint.Before(millis));
    } catch (java.time.format.DateTimeParseException e) {
      throw new IOException("'" + text + "' is not a time; give 2026-11-22T10:00:00Z or LATEST");
    }
  }

  /** Goes to a TXID. Returns the time and TXID it went to. */
  public String setTxid(String text) throws IOException {
    try {
      return go(
          text.equalsIgnoreCase("LATEST")
              ? null
              : new RestorePoint.At(dev.rivulet.ltx.Txid.parse(text)));
    } catch (IllegalArgumentException e) {
      throw new IOException("'" + text + "' is not a TXID, which has 16 hex digits", e);
    }
  }

  private String go(@Nullable RestorePoint point) throws IOException {
    if (inTransaction || pinned) {
      throw new IOException(pinned ? PINNED : IN_TRANSACTION);
    }
    away = point == null ? null : database.at(point, interrupted);
    return time() + " " + txid();
  }

  /** Polls now; returns the newest TXID. */
  public String refresh() throws IOException {
    String txid = database.planAgain(database.newest(), interrupted).txid().toString();
    polledMillis = System.currentTimeMillis();
    return txid;
  }

  /** Seconds since the last successful poll; -1 before the first. */
  public long lagSeconds() {
    return (System.currentTimeMillis() - polledMillis) / 1000;
  }

  public String pollInterval() {
    return pollInterval;
  }

  /** Returns what it is now. */
  public String setPollInterval(String text) throws IOException {
    if (text.isEmpty() || text.charAt(0) < '0' || text.charAt(0) > '9') {
      throw new IOException("poll_interval is '" + text + "'; it looks like 500ms, 1s or 1m");
    }
    pollInterval = text;
    return text;
  }

  public String maxStaleness() {
    return maxStaleness;
  }

  /** Returns what it is now. */
  public String setMaxStaleness(String text) throws IOException {
    if (text.isEmpty()) {
      throw new IOException("max_staleness is empty; it looks like 500ms, 1s, 1m or none");
    }
    maxStaleness = text;
    return text;
  }

  /** Every state that can be restored, oldest first; {@code exact} reads the headers. */
  public java.util.List<HistoryRow> history(boolean exact) throws IOException {
    OpenReplica replica = new OpenReplica(database.settings().url(), database.store());
    java.util.List<HistoryRow> rows = new java.util.ArrayList<>();
    for (var file : replica.files(interrupted)) {
      long header = exact ? replica.header(file, interrupted).timestampMillis() : -1;
      rows.add(
          new HistoryRow(
              file.max().toString(), file.level(), file.size(), file.modifiedMillis(), header));
    }
    return rows;
  }
}
