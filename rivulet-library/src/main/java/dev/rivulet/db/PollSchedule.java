package dev.rivulet.db;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * When a follower polls: every interval while somebody reads, ever more seldom when nobody does or
 * the store fails.
 *
 * <p>Pure arithmetic on times that it is told, in nanoseconds of any one clock. Thread-safe.
 */
final class PollSchedule {
  static final long DEFAULT_INTERVAL_MILLIS = 1_000;

  /** So many intervals without a transaction are a pause. */
  private static final int PAUSE = 10;

  /** An idle database makes 1 400 requests a day at most. */
  private static final long MOST_IDLE_NANOS = 60_000_000_000L;

  /** A store that works again is noticed after this at the latest. */
  private static final long MOST_FAILING_NANOS = 8_000_000_000L;

  /** Whatever the interval: a bound on what depends on it. */
  private static final long MOST_UNNOTED_NANOS = 10_000_000L;

  /**
   * Intervals are longer by up to this share, at random, so that a thousand followers that were
   * started at once do not poll at once for ever: a twentieth scatters them over the whole interval
   * within minutes, and delays what is new by a fortieth of the interval. Never shorter: one poll
   * an interval at most.
   */
  private static final double JITTER = 0.05;

  private final DoubleSupplier random;
  private volatile long intervalNanos;
  private volatile long lastReadNanos;
  private volatile long lastPollNanos;
  private volatile int idlePolls;
  private volatile int failures;

  PollSchedule(long intervalMillis, long now) {
    this(intervalMillis, now, () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * @param random 0 to 1
   */
  PollSchedule(long intervalMillis, long now, DoubleSupplier random) {
    this.random = random;
    this.intervalNanos = intervalMillis * 1_000_000;
    this.lastReadNanos = now;
    this.lastPollNanos = now;
  }

  void setIntervalMillis(long millis) {
    intervalNanos = millis * 1_000_000;
  }

  long intervalMillis() {
    return intervalNanos / 1_000_000;
  }

  /**
   * Somebody begins to read. That is noted to a hundredth of the interval only: threads that begin
   * a hundred thousand transactions a second must not write into one another's cache.
   */
  void read(long now) {
    if (now - lastReadNanos > unnotedNanos()) {
      lastReadNanos = now;
    }
  }

  /** For how long nobody need say that he reads who has said it just now. */
  long unnotedNanos() {
    return Math.min(intervalNanos / 100, MOST_UNNOTED_NANOS);
  }

  /** A poll begins. */
  void polling(long now) {
    lastPollNanos = now;
    idlePolls = isPause(now) ? Math.min(idlePolls + 1, 30) : 0;
  }

  void polled(boolean well) {
    failures = well ? 0 : Math.min(failures + 1, 30);
  }

  /** When the last poll began. */
  long lastPollNanos() {
    return lastPollNanos;
  }

  /** When the next poll is due. */
  long dueNanos() {
    double wait = intervalNanos * (1 + JITTER * random.getAsDouble());
    double idle = Math.min(Math.scalb(wait, idlePolls), Math.max(wait, MOST_IDLE_NANOS));
    double failing = Math.min(Math.scalb(wait, failures), Math.max(wait, MOST_FAILING_NANOS));
    return lastPollNanos + (long) Math.max(idle, failing);
  }

  /** Whether nobody has read for some time. */
  boolean isPause(long now) {
    return now - lastReadNanos > PAUSE * intervalNanos;
  }

  /**
   * Whether a transaction that begins now must wait for a poll: polls have become rare because
   * nobody read, and the last was more than an interval ago.
   */
  boolean mustPoll(long now) {
    return idlePolls > 0 && now - lastPollNanos > intervalNanos;
  }
}
