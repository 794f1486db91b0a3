package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.log.Log;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The hydration of a database, of which there is one at most: begun by the first connection that
 * asks for it, ended with the last one of all. Thread-safe.
 */
final class HydrationSlot {
  private final Database database;
  private final Hydration.Maker maker;

  /** Taken to begin and to end hydration; never while another lock is held. */
  private final ReentrantLock changing = new ReentrantLock();

  private volatile @Nullable Hydration running;

  /** Why there is none although it was asked for. */
  private volatile @Nullable String whyNot;

  HydrationSlot(Database database, Hydration.Maker maker) {
    this.database = database;
    this.maker = maker;
  }

  /** What is running; null if nothing is. */
  @Nullable Hydration running() {
    return running;
  }

  /** The local file, if there is one. */
  @Nullable HydratedFile file() {
    Hydration h = running;
    return h == null ? null : h.file();
  }

  /** How far the local file is; null if there is none. */
  @Nullable HydrationState state() {
    Hydration h = running;
    return h == null ? null : h.state();
  }

  /**
   * Waits until the local file has every page; false if it has not in time.
   *
   * @throws IOException if there is nothing to wait for
   */
  boolean await(long millis, BooleanSupplier interrupted) throws IOException {
    Hydration h = running;
    if (h == null) {
      String why = whyNot;
      throw new IOException(
          "There is no hydration to wait for: "
              + (why == null ? "none was asked for (hydration_path)" : why));
    }
    return h.await(millis, interrupted);
  }

  /** Why there is no hydration although it was asked for; null if there is, or it was not. */
  @Nullable String whyNot() {
    return whyNot;
  }

  /**
   * Begins to hydrate, if that is wanted and not done yet. What keeps it from that is a warning,
   * once for each reason, and no failure.
   *
   * @throws java.io.InterruptedIOException if {@code interrupted} says so
   */
  void begin(HydrationSettings own, BooleanSupplier interrupted) throws IOException {
    if (!own.enabled() && running == null) {
      return;
    }
    // Also if there is one: it must not be about to end.
    Waits.lock(changing, interrupted);
    try {
      Hydration other = running;
      if (other != null && other.isElsewhere(own)) {
        warn(own, "another connection of this process has begun to fill " + other.path());
      }
      if (other == null && own.enabled()) {
        make(own, interrupted);
        whyNot = null;
      }
    } catch (java.io.InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      String why = e.getMessage() == null ? e.toString() : e.getMessage();
      if (!why.equals(whyNot)) {
        warn(own, why);
      }
      whyNot = why;
    } finally {
      changing.unlock();
    }
  }

  private void make(HydrationSettings own, BooleanSupplier interrupted) throws IOException {
    Published newest = database.publisher().newest();
    if (!Hydration.isPossible(newest.view().txid())) {
      throw new IOException("its TXID " + newest.view().txid() + " is none that a primary reaches");
    }
    Hydration begun = maker.make(database, own, newest, database.publisher().listed(), interrupted);
    begun.start();
    running = begun;
    database.publisher().publication().next();
    // What was published while it began had nobody to be admitted by.
    begun.admit(database.publisher().newest(), interrupted);
  }

  private void warn(HydrationSettings own, String why) {
    Log.warn(
        database.settings().url().display() + " is not hydrated into " + own.path() + ": " + why);
  }

  /** A new view is about to be published. */
  void admit(Published next) {
    Hydration h = running;
    if (h != null) {
      h.admit(next, () -> false);
    }
  }

  /**
   * Ends it, if the last connection is gone.
   *
   * @param whoeverReads whether also if not: the database is closed
   */
  void end(boolean whoeverReads) {
    changing.lock();
    try {
      Hydration ended = running;
      boolean idle = database.isIdle();
      if (ended != null && (idle || whoeverReads)) {
        running = null;
        database.publisher().publication().next();
        ended.close(idle);
      }
    } finally {
      changing.unlock();
    }
  }
}
