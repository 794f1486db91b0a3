package dev.rivulet.store;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next try: exponential, with full jitter, so that clients that failed
 * together do not come back together.
 */
final class Backoff {
  /**
   * About two round trips to a far store: a lost connection is tried again without delay to speak
   * of.
   */
  static final int FIRST_MILLIS = 100;

  /** No longer, or a user's patience goes by in waiting. */
  static final int MAX_MILLIS = 2_000;

  private Backoff() {}

  /**
   * A random wait, evenly spread below a ceiling that doubles with each try.
   *
   * @param failures how many tries have failed, 1 or more
   */
  static long millis(int failures, RandomGenerator random) {
    long ceiling = Math.min(MAX_MILLIS, (long) FIRST_MILLIS << Math.min(failures - 1, 10));
    return random.nextLong(ceiling + 1);
  }
}
