package dev.rivulet.db;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.function.BooleanSupplier;

/** Time that passes only when the simulation says so, or when the code under test sleeps. */
final class SimClock implements Clock {
  /** 2026-01-01, as good as any. */
  private static final long START = 1_767_225_600_000L;

  private long millis = START;
  private Runnable whileSleeping = () -> {};

  /** What others do while the code under test sleeps. */
  void whileSleeping(Runnable others) {
    whileSleeping = others;
  }

  void advance(long by) {
    millis += by;
  }

  long elapsedMillis() {
    return millis - START;
  }

  @Override
  public long nanos() {
    return elapsedMillis() * 1_000_000;
  }

  @Override
  public long millis() {
    return millis;
  }

  @Override
  public void sleep(long by, BooleanSupplier interrupted) throws IOException {
    if (interrupted.getAsBoolean()) {
      throw new InterruptedIOException("interrupted");
    }
    advance(by);
    whileSleeping.run();
  }
}
