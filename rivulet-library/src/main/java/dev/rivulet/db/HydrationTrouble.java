package dev.rivulet.db;

import dev.rivulet.log.Log;
import dev.rivulet.page.DamagedFileException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What keeps a hydration from going on, and how long to wait before the next try. What it says can
 * be asked for by any thread; everything else is of the hydration's own.
 */
final class HydrationTrouble {
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long MOST_PAUSE_MILLIS = 30_000;

  /**
   * A damaged file stays so until the plan has another, unless the damage was on its way. To find
   * out costs the whole file, so that is not tried more often, in the end, than this.
   */
  private static final long MOST_DAMAGED_MILLIS = TimeUnit.HOURS.toMillis(1);

  private final Clock clock;
  private final String name;

  private volatile @Nullable String words;
  private volatile boolean inVain;

  private long pause = FIRST_PAUSE_MILLIS;
  private long damagedMillis = MOST_PAUSE_MILLIS;
  private boolean damaged;

  /** When to read what was damaged again, by the clock. */
  private long damagedUntilNanos;

  /**
   * None yet.
   *
   * @param name which hydration, for the log
   */
  HydrationTrouble(Clock clock, String name) {
    this.clock = clock;
    this.name = name;
  }

  /** Why it does not go on; null while it does. */
  @Nullable String words() {
    return words;
  }

  /** Whether waiting is in vain, as things are. */
  boolean isInVain() {
    return inVain;
  }

  /** All is well. */
  void isOver() {
    words = null;
    inVain = false;
    damaged = false;
    pause = FIRST_PAUSE_MILLIS;
    damagedMillis = MOST_PAUSE_MILLIS;
  }

  /**
   * What went wrong came before anything, or after some pages: then the next wait is short again.
   */
  void came(boolean afterPages) {
    pause = afterPages ? FIRST_PAUSE_MILLIS : pause;
  }

  /** Milliseconds to wait, more each time. */
  long nextPause() {
    long millis = pause;
    pause = Math.min(pause * 2, MOST_PAUSE_MILLIS);
    return millis;
  }

  /** Something went wrong, and is tried again; returns milliseconds to wait until then. */
  long failed(Throwable why) {
    String message = why.getMessage() == null ? why.toString() : why.getMessage();
    if (words == null) {
      Log.warn("Hydration of " + name + " goes on later: " + message);
    }
    words = message;
    inVain = why instanceof DamagedFileException;
    if (!inVain) {
      return nextPause();
    }
    if (!damaged) {
      damaged = true;
      damagedUntilNanos = clock.nanos() + TimeUnit.MILLISECONDS.toNanos(damagedMillis);
      damagedMillis = Math.min(damagedMillis * 2, MOST_DAMAGED_MILLIS);
    }
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(damagedUntilNanos - clock.nanos()));
  }

  /** Whether to read again what was damaged: true once for each time. */
  boolean mayBeOver() {
    boolean due = damaged && clock.nanos() - damagedUntilNanos >= 0;
    damaged &= !due;
    return due;
  }

  /** It cannot go on. */
  void giveUp(IOException why) {
    String message =
        "the file cannot be written, and is used for what is in it: "
            + why.getMessage()
            + ". Make room, and open the database again";
    words = message;
    inVain = true;
    Log.warn("Hydration of " + name + " stops: " + message);
  }
}
