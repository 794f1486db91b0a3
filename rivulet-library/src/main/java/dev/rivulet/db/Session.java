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
  /** Looks at the store for a page whose files are merged and deleted while it is looked for. */
  private static final int LOOKS = 3;

  private final Database database;
  private final PageReader reader;
  private final BooleanSupplier interrupted;

  /** The view of the opening for ever, because SQLite takes no locks. */
  private final boolean pinned;

  /** Which of the replica's histories this connection has seen. */
  private final int lineage;

  private long maxStalenessMillis;
  private Published at;
  private boolean inTransaction;
  private boolean closed;

  /**
   * Where pages of {@code view} are found now, if its files were merged and deleted meanwhile. A
   * file found there is used only if it cannot hold anything newer than the view.
   */
  private @Nullable Published moved;

  Session(Database database, Published at, Settings own, BooleanSupplier interrupted) {
    this.database = database;
    this.reader = database.pages().reader();
    this.interrupted = interrupted;
    this.pinned = own.pinned();
    this.maxStalenessMillis = own.maxStalenessMillis();
    this.lineage = at.lineage();
    this.at = at;
  }

  /**
   * A read transaction begins: takes the newest view.
   *
   * @throws IOException if the replica was replaced since the opening, or if its newest known state
   *     is older than the connection's bound
   */
  public void begin() throws IOException {
    if (!pinned && !inTransaction) {
      Published newest = database.forTransaction(maxStalenessMillis, interrupted);
      if (newest.lineage() != lineage) {
        throw replaced();
      }
      take(newest);
    }
    inTransaction = true;
  }

  private IOException replaced() {
    return new IOException(
        "The replica "
            + database.settings().url().display()
            + " was replaced by another history since this connection was opened (wiped and begun"
            + " anew, or restored to an earlier state). Close the connection and open it again");
  }

  /** The read transaction has ended. */
  public void end() {
    inTransaction = false;
  }

  private void take(Published newest) {
    // Not by the view's number: the same state may be found in other files now.
    if (!newest.is(at)) {
      at = newest;
      moved = null;
    }
  }

  private View current() {
    if (!pinned && !inTransaction) {
      Published newest = database.newest();
      if (newest.lineage() == lineage) {
        take(newest);
      }
    }
    return at.view();
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
    return at.view().pageSize();
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
        moved = elsewhere();
      }
    }
    readMoved(v, pgno, from, count, to);
  }

  /** What is published after a file of the view was found to be gone. */
  private Published elsewhere() throws IOException {
    Published newest = database.newest();
    return newest.is(at) ? database.planAgain(newest, interrupted) : newest;
  }

  /**
   * Reads a page of a view some of whose files are gone, from the newest plan: the file that holds
   * the page there holds the same version if it has nothing later than the view.
   */
  private void readMoved(View v, int pgno, int from, int count, long to) throws IOException {
    Published newer = moved;
    for (int i = 0; newer != null && i < LOOKS; i++) {
      View there = newer.view();
      IndexedFile file = there.map().find(pgno);
      if (file == null || newer.lineage() != lineage || !holdsSame(there, file, v)) {
        break;
      }
      try {
        reader.read(there, file, pgno, from, count, to, interrupted);
        return;
      } catch (StaleFileException e) {
        newer = database.planAgain(newer, interrupted);
        moved = newer;
      }
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
   * newest transaction. (If the newer plan is of a later state, a snapshot of the view's very TXID
   * that was made later is refused too: an error that ends with the transaction, where the other
   * choice could be a wrong page.) A plan of the same number is one of the same state, found in
   * other files, and any of them will do.
   */
  private static boolean holdsSame(View newer, IndexedFile file, View v) {
    if (newer.number() == v.number()) {
      return true;
    }
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

  /** Looks for newer transactions now; returns the newest TXID, which a transaction then reads. */
  public String refresh() throws IOException {
    return database.poll(interrupted).view().txid().toString();
  }

  /** Whole seconds since the last successful poll began. */
  public long lagSeconds() {
    return database.follower().lagNanos() / 1_000_000_000;
  }

  /** Between two polls: a duration as {@link GoDuration} reads it. */
  public String pollInterval() {
    return GoDuration.format(database.follower().schedule().intervalMillis());
  }

  /** Sets it for the database, and all its connections. */
  public String setPollInterval(String text) throws SettingsException {
    database.setPollIntervalMillis(Settings.pollInterval(text, "litestream_poll_interval"));
    return pollInterval();
  }

  /** How old what a transaction reads may be: a duration, 0 for any age. */
  public String maxStaleness() {
    return GoDuration.format(maxStalenessMillis);
  }

  /** Sets it for this connection. */
  public String setMaxStaleness(String text) throws SettingsException {
    maxStalenessMillis = Settings.maxStaleness(text, "litestream_max_staleness");
    return maxStaleness();
  }

  /** What this database is at, and how following it goes, as a JSON object. */
  public String statusJson() {
    View v = current();
    Follower follower = database.follower();
    return new Json()
        .put("replica", database.settings().url().display())
        .put("txid", v.txid().toString())
        .put("time", Instant.ofEpochMilli(v.timeMillis()).toString())
        .put("age_seconds", (database.clock().millis() - v.timeMillis()) / 1000.0)
        .put("page_size", v.pageSize())
        .put("pages", v.commit())
        .put("lag_seconds", follower.lagNanos() / 1e9)
        .put("last_success", follower.lastSuccess())
        .put("last_error", follower.lastError())
        .put("poll_interval", pollInterval())
        .put("max_staleness", maxStaleness())
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
