package dev.rivulet.db;

import dev.rivulet.page.View;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which view a connection reads: inside a read transaction always the same, outside the newest, or
 * that of the moment it has travelled to. Used by one thread at a time.
 *
 * <p>All views that it ever has are of one history: that of the opening.
 */
final class CurrentView implements ViewReader.Elsewhere {
  private final Database database;
  private final Publisher publisher;
  private final BooleanSupplier interrupted;

  /** The view of the opening for ever, because SQLite takes no locks. */
  private final boolean pinned;

  /** Which of the replica's histories this connection has seen. */
  private final int lineage;

  /** Where it is in time: while that is not the newest state, it reads one view only. */
  private Moment moment;

  private Published at;
  private int generation;
  private boolean inTransaction;

  /**
   * The view of the opening.
   *
   * @param at what is read at {@code moment}
   * @param interrupted asked while waiting for the store
   */
  CurrentView(
      Database database, Published at, Moment moment, boolean pinned, BooleanSupplier interrupted) {
    this.database = database;
    this.publisher = database.publisher();
    this.interrupted = interrupted;
    this.pinned = pinned;
    this.lineage = at.lineage();
    this.moment = moment;
    this.at = at;
  }

  /**
   * A read transaction begins: takes the newest view, unless the connection is away in time.
   *
   * @param maxStalenessMillis as for {@link Database#forTransaction}
   * @throws IOException if the replica was replaced since the opening, or if its newest known state
   *     is older than that
   */
  void begin(long maxStalenessMillis) throws IOException {
    if (follows() && !inTransaction) {
      Published newest = database.forTransaction(maxStalenessMillis, interrupted);
      if (newest.lineage() != lineage) {
        throw replaced();
      }
      take(newest);
    }
    inTransaction = true;
  }

  /** A read transaction begins that reads what the one before has read. */
  void resume() {
    inTransaction = true;
  }

  /** The read transaction has ended. */
  void end() {
    inTransaction = false;
  }

  /** Whether it goes on to newer views as they come. */
  boolean follows() {
    return !pinned && moment instanceof Moment.Latest;
  }

  /** What is read now. Outside a transaction that may be something else each time. */
  Published now() {
    if (follows() && !inTransaction) {
      Published newest = publisher.newest();
      if (newest.lineage() == lineage) {
        take(newest);
      }
    }
    return at;
  }

  private void take(Published newest) {
    // Not by the view's number: the same state may be found in other files now.
    if (!newest.is(at)) {
      at = newest;
      generation++;
    }
  }

  /** Another number whenever another view is read. */
  int generation() {
    return generation;
  }

  /** Which of the replica's histories the view is of. */
  int lineage() {
    return lineage;
  }

  /** As {@link Session#travel}; returns what is read there. */
  View travel(Moment to) throws IOException {
    if (pinned) {
      throw new IOException(
          "This connection was opened with immutable=1 or nolock=1, so SQLite would not notice that"
              + " it is at another moment: open it without them, or with time= or txid=");
    }
    if (inTransaction) {
      throw new IOException(
          "The moment cannot be changed inside a read transaction, whose rows would then be of two:"
              + " end it first (COMMIT or ROLLBACK, and read or close every result)");
    }
    Published there = database.at(to, interrupted);
    if (there.lineage() != lineage) {
      throw replaced();
    }
    moment = to;
    take(there);
    return there.view();
  }

  @Override
  public @Nullable Published newest(Published stale) throws IOException {
    if (!(moment instanceof Moment.Latest)) {
      return null; // of another state
    }
    Published newest = publisher.newest();
    return newest.is(stale) ? publisher.planAgain(newest, interrupted) : newest;
  }

  @Override
  public View again(View view) throws IOException {
    if (publisher.isReplacedSince(lineage)) {
      throw replaced(); // the new history may have the same TXID, and any time
    }
    return database.travel().again(view.txid(), interrupted);
  }

  private IOException replaced() {
    return new IOException(
        "The replica "
            + database.settings().url().display()
            + " was replaced by another history since this connection was opened (wiped and begun"
            + " anew, or restored to an earlier state). Close the connection and open it again");
  }
}
