package dev.rivulet.db;

import java.io.IOException;
import java.util.function.BooleanSupplier;

/** The time, and waiting for it: one for all of a database, so that a test can have its own. */
interface Clock {
  /** The machine's. */
  Clock SYSTEM =
      new Clock() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public long millis() {
          return System.currentTimeMillis();
        }

        @Override
        public void sleep(long millis, BooleanSupplier interrupted) throws IOException {
          Waits.sleep(millis, interrupted);
        }
      };

  /** For differences only, as {@link System#nanoTime}. */
  long nanos();

  /** Since 1970. */
  long millis();

  /**
   * Waits.
   *
   * @throws java.io.InterruptedIOException if {@code interrupted} says so
   */
  void sleep(long millis, BooleanSupplier interrupted) throws IOException;
}
