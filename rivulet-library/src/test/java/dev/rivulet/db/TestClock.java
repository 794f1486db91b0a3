package dev.rivulet.db;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Stands still but for those who sleep by it, and the test. Thread-safe. */
final class TestClock implements Clock {
  private final AtomicLong nanos = new AtomicLong(1_000_000_000_000L);

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public long millis() {
    return 1_767_225_600_000L + nanos.get() / 1_000_000;
  }

  @Override
  public void sleep(long millis, BooleanSupplier interrupted) throws IOException {
    if (interrupted.getAsBoolean()) {
      throw new InterruptedIOException("interrupted by sqlite3_interrupt");
    }
    passMillis(millis);
  }

  void passMillis(long millis) {
    nanos.addAndGet(millis * 1_000_000);
  }
}
