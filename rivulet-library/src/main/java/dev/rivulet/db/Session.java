package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.ltx.Txid;
import dev.rivulet.natives.Publication;
import dev.rivulet.page.View;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One open database file of one SQLite connection. Used by one thread at a time.
 *
 * <p>Between {@link #begin} and {@link #end} it reads one view, whatever is published meanwhile;
 * outside, the newest, or that of the moment it has travelled to.
 */
public final class Session implements AutoCloseable {
  private final Database database;
  private final CurrentView current;
  private final ViewReader reader;
  private final BooleanSupplier interrupted;

  private long maxStalenessMillis;
  private long seen;

  /** The view's generation at the last read. */
  private int readGeneration;

  private boolean closed;

  Session(Database database, Published at, Settings own, BooleanSupplier interrupted) {
    this.database = database;
    this.interrupted = interrupted;
    this.current = new CurrentView(database, at, own.moment(), own.pinned(), interrupted);
    this.reader =
        new ViewReader(
            database.pages().reader(),
            database.settings().url(),
            current,
            database.hydration()::file,
            interrupted);
    this.maxStalenessMillis = own.maxStalenessMillis();
  }

  /**
   * A read transaction begins: takes the newest view, unless it is away in time.
   *
   * @throws IOException if the replica was replaced since the opening, or if its newest known state
   *     is older than the connection's bound
   */
  public void begin() throws IOException {
    seen = database.publisher().publication().number(); // before what it says is looked at
    current.begin(maxStalenessMillis);
  }

  /**
   * A read transaction has begun that reads what the one before has read, as it may without asking
   * while {@link #publication} has the number {@link #seen}, until {@link #mayBeginUntilNanos}.
   */
  public void resume() {
    current.resume();
  }

  /** Changes whenever a transaction would read something else. */
  public Publication publication() {
    return database.publisher().publication();
  }

  /** The publication's number when the last transaction began. */
  public long seen() {
    return seen;
  }

  /** In nanoseconds of {@link System#nanoTime}. */
  public long mayBeginUntilNanos() {
    return database.follower().mayBeginUntilNanos(maxStalenessMillis);
  }

  /** The read transaction has ended. */
  public void end() {
    current.end();
  }

  /**
   * Goes to a moment and stays there; {@link Moment.Latest} goes back to following the primary.
   *
   * @return where it is now
   * @throws IOException if a read transaction is open, whose rows would be of two moments; if the
   *     moment cannot be had (the message names the nearest that can), it stays where it was
   */
  public Reached travel(Moment to) throws IOException {
    return Reached.of(current.travel(to));
  }

  /**
   * Goes to a time.
   *
   * @param text as {@link MomentParser#parse} reads it
   * @return {@link Reached} as text
   */
  public String setTime(String text) throws IOException {
    return travel(() -> MomentParser.parse(text, database.clock().millis()));
  }

  /**
   * Goes to a transaction.
   *
   * @param text as {@link MomentParser#parseTxid} reads it
   * @return {@link Reached} as text
   */
  public String setTxid(String text) throws IOException {
    return travel(() -> MomentParser.parseTxid(text));
  }

  private String travel(Supplier<Moment> parsed) throws IOException {
    Moment to;
    try {
      to = parsed.get();
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    return travel(to).toString();
  }

  /** Where it is in time. */
  public Reached reached() {
    return Reached.of(view());
  }

  /**
   * The states that can be restored, ascending.
   *
   * @param exact whether the time in every header is read; otherwise those known already are given
   */
  public List<History.State> history(boolean exact) throws IOException {
    return database.travel().history(exact, interrupted);
  }

  /** The view that is read: the transaction's, else the newest or that of the moment it is at. */
  public View view() {
    return current.now().view();
  }

  /** Another number whenever another view is read. */
  public int generation() {
    return current.generation();
  }

  /** Which of the replica's histories the view is of. */
  public int lineage() {
    return current.lineage();
  }

  /** Where C finds the pages of the local file; 0 if there is none. */
  public long localAddress() {
    HydratedFile local = database.hydration().file();
    return local == null ? 0 : local.address();
  }

  /** The database's size in bytes. */
  public long size() {
    return view().bytes();
  }

  /** In bytes. */
  public int pageSize() {
    return view().pageSize();
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
    Published at = current.now();
    if (readGeneration != current.generation()) {
      readGeneration = current.generation();
      reader.changed();
    }
    return reader.read(at, to, length, offset);
  }

  /** The transaction id of the view: 16 hex digits. */
  public String txid() {
    return view().txid().toString();
  }

  /** When the view's newest transaction was replicated: RFC 3339, UTC. */
  public String time() {
    return TimeText.of(view().timeMillis());
  }

  /** Looks for newer transactions now; returns the newest TXID, which a transaction then reads. */
  public String refresh() throws IOException {
    Txid newest = database.publisher().refresh(interrupted).view().txid();
    return newest.toString();
  }

  /** Whole seconds since the last successful poll began; -1 before the first. */
  public long lagSeconds() {
    return (long) Math.floor(database.follower().lagSeconds());
  }

  /** Between two polls: a duration as {@link GoDuration} reads it. */
  public String pollInterval() {
    return GoDuration.format(database.follower().schedule().intervalMillis());
  }

  /** Sets it for the database, and all its connections. */
  public String setPollInterval(String text) throws IOException {
    try {
      database.setPollIntervalMillis(Settings.pollInterval(text, "litestream_poll_interval"));
    } catch (SettingsException e) {
      throw new IOException(e.getMessage(), e);
    }
    return pollInterval();
  }

  /** How old what a transaction reads may be: a duration, 0 for any age. */
  public String maxStaleness() {
    return GoDuration.format(maxStalenessMillis);
  }

  /** Sets it for this connection. */
  public String setMaxStaleness(String text) throws IOException {
    try {
      maxStalenessMillis = Settings.maxStaleness(text, "litestream_max_staleness");
    } catch (SettingsException e) {
      throw new IOException(e.getMessage(), e);
    }
    return maxStaleness();
  }

  /** Percent of the pages that the local file has: {@code 100.0} exactly when it has all. */
  public String hydrationProgress() {
    HydrationState state = hydration();
    return state == null ? "0.0" : state.percent();
  }

  /** The path of the local file; empty if there is none, or it has no name. */
  public String hydrationFile() {
    HydrationState state = hydration();
    return state == null || state.file() == null ? "" : state.file();
  }

  /** How far the local file is; null if there is none. */
  public @Nullable HydrationState hydration() {
    return database.hydration().state();
  }

  /**
   * Waits until the local file has every page.
   *
   * @param text for how long at most: a duration as {@link GoDuration} reads it, or seconds
   * @return 1 if it has, 0 if the time is over
   * @throws IOException if there is no hydration to wait for
   */
  public String awaitHydration(String text) throws IOException {
    long millis;
    try {
      boolean seconds = !text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1));
      millis = GoDuration.parseMillis(seconds ? text + "s" : text);
    } catch (NumberFormatException e) {
      throw new IOException(
          "the time to wait must be a duration like 30s or 1m30s, and not \"" + text + "\"", e);
    }
    return awaitHydration(millis) ? "1" : "0";
  }

  /** The same in milliseconds. */
  public boolean awaitHydration(long millis) throws IOException {
    return database.hydration().await(millis, interrupted);
  }

  /** What this connection is at, and how following goes, as a JSON object. */
  public String statusJson() {
    return Report.status(database, view(), current.follows(), pollInterval(), maxStaleness());
  }

  /** What this database has cost since it was opened in this process, as a JSON object. */
  public String statsJson() {
    return Report.stats(database);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      reader.close();
      Databases.release(database);
    }
  }
}
