package dev.rivulet.db;

import dev.rivulet.page.ReplicaPages;
import java.util.concurrent.TimeUnit;

/**
 * When the hydrator's thread works: not before the first queries are through, then whenever it is
 * stirred or has rested long enough, until it is over. Thread-safe; no wait outlasts {@link #end}.
 */
final class HydrationPace {
  /**
   * The first queries after an open are those that somebody waits for, and they want a few pages
   * only. So the file is not filled before one has waited for the store, and the store was then let
   * alone for so long, which is more than SQLite computes between two pages...
   */
  private static final long QUIET_MILLIS = 10;

  /** ...or until it is clear that they go on, and are better off with everything. */
  private static final long MOST_QUIET_WAIT_MILLIS = 200;

  private static final long QUIET_LOOK_MILLIS = 2;

  private volatile boolean over;

  /** Guarded by this. */
  private boolean stirred;

  /** Whether the thread is to end. */
  boolean isOver() {
    return over;
  }

  /** Ends whatever it waits for, and lets it begin nothing more. */
  void end() {
    over = true;
    stir();
  }

  /** There is something to do. */
  synchronized void stir() {
    stirred = true;
    notifyAll();
  }

  /** Waits for something to do; also ends after a time. */
  synchronized void rest(long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long left = millis;
    try {
      while (!stirred && !over && left > 0) {
        wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      }
    } catch (InterruptedException e) {
      over = true; // nobody interrupts it but who ends the process
    }
    stirred = false;
  }

  /** Waits until the first queries have what they need of the store. */
  void awaitQuiet(ReplicaPages pages) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOST_QUIET_WAIT_MILLIS);
    long waits = pages.stats().waits();
    while (!over
        && end - System.nanoTime() > 0
        && (pages.stats().waits() == waits
            || pages.idleNanos() < TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS))) {
      rest(QUIET_LOOK_MILLIS);
    }
  }
}
