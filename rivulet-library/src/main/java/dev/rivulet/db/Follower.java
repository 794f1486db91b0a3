package dev.rivulet.db;

import dev.rivulet.log.Log;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a database's newest view current: a thread that polls while connections are open, and what
 * is known of how that goes.
 *
 * <p>Thread-safe. A failed poll changes nothing that readers see, and is never taken for "nothing
 * new": the lag grows, and {@link #lastError} says why.
 */
final class Follower {
  private final Database database;
  private final Clock clock;
  private final PollSchedule schedule;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Odd while a thread follows; it ends when the number is no longer its own. */
  private final AtomicInteger run = new AtomicInteger();

  private volatile long succeededNanos;
  private volatile long succeededMillis;
  private volatile boolean everSucceeded;
  private volatile @Nullable String lastError;

  Follower(Database database, Clock clock, long intervalMillis) {
    this.database = database;
    this.clock = clock;
    this.schedule = new PollSchedule(intervalMillis, clock.nanos());
  }

  PollSchedule schedule() {
    return schedule;
  }

  /** Begins to follow, if it does not yet. */
  void start() {
    lock.lock();
    try {
      if ((run.get() & 1) == 0) {
        int own = run.incrementAndGet();
        Thread thread = new Thread(() -> follow(() -> run.get() != own), "rivulet-follower");
        thread.setDaemon(true);
        thread.start();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends following; a poll under way is given up. */
  void stop() {
    lock.lock();
    try {
      if ((run.get() & 1) == 1) {
        run.incrementAndGet();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The interval was changed: the wait for the next poll is counted anew. */
  void reschedule() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void follow(BooleanSupplier over) {
    boolean due = true;
    while (due) {
      try {
        due = awaitNext(over);
        if (due) {
          poll(over);
        }
      } catch (OutOfMemoryError e) {
        Log.outOfMemory(); // not even for saying what failed; there may be some at the next poll
      }
    }
  }

  private void poll(BooleanSupplier over) {
    try {
      database.pollInBackground(over);
    } catch (IOException e) {
      Log.debug(() -> "a poll of " + database.settings().url().display() + " failed: " + e);
    } catch (RuntimeException | Error e) {
      if (over.getAsBoolean()) {
        return; // what it used was closed
      }
      // A defect of ours, or no memory: following goes on, for what is stale must not stay so.
      failed(e);
      Log.error("following " + database.settings().url().display() + " failed: " + e);
    }
  }

  /** Waits until a poll is due; false if there shall be none. */
  private boolean awaitNext(BooleanSupplier over) {
    lock.lock();
    try {
      while (!over.getAsBoolean()) {
        long wait = schedule.dueNanos() - clock.nanos();
        if (wait <= 0) {
          return true;
        }
        var unused = changed.awaitNanos(wait);
      }
      return false;
    } catch (InterruptedException e) {
      return false; // nobody interrupts it but who ends the process
    } finally {
      lock.unlock();
    }
  }

  /** A poll has begun at this time and ended well. */
  void succeeded(long begunNanos) {
    succeededNanos = begunNanos;
    succeededMillis = clock.millis() - (clock.nanos() - begunNanos) / 1_000_000;
    everSucceeded = true;
    schedule.polled(true);
    lastError = null;
  }

  /** A poll has failed. */
  void failed(Throwable why) {
    schedule.polled(false);
    String message = why.getMessage();
    if (lastError == null) {
      Log.warn(
          "The replica "
              + database.settings().url().display()
              + " cannot be followed at present, and its newest known state is read on: "
              + (message == null ? why.toString() : message));
    }
    lastError = message == null ? why.toString() : message;
  }

  /**
   * Until when a transaction may begin without asking, while nothing else is published: whoever
   * asked just now was told that nobody need wait, and noted as a reader.
   *
   * @param maxStalenessMillis how old what it reads may be; 0 is any age
   */
  long mayBeginUntilNanos(long maxStalenessMillis) {
    long until = clock.nanos() + schedule.unnotedNanos();
    return maxStalenessMillis == 0
        ? until
        : Math.min(until, succeededNanos + maxStalenessMillis * 1_000_000);
  }

  /** Nanoseconds since the last poll that ended well began. */
  long lagNanos() {
    return Math.max(0, clock.nanos() - succeededNanos);
  }

  /** The same in seconds; -1 before the first such poll. */
  double lagSeconds() {
    return everSucceeded ? lagNanos() / 1e9 : -1;
  }

  /** When the last poll that ended well began: RFC 3339; null before the first. */
  @Nullable String lastSuccess() {
    return everSucceeded ? TimeText.of(succeededMillis) : null;
  }

  /** Why the last poll failed, in words; null if it did not. */
  @Nullable String lastError() {
    return lastError;
  }
}
