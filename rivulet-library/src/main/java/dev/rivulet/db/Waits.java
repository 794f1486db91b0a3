package dev.rivulet.db;

import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.replica.PlanException;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Waiting that can be interrupted by {@code sqlite3_interrupt}. */
final class Waits {
  /** How soon an interrupt is seen; a person who presses Ctrl-C does not notice. */
  private static final long POLL_MILLIS = 50;

  private Waits() {}

  /** Waits for a result; failures are the exceptions that the layers below promise. */
  static <T> T get(CompletableFuture<T> future, BooleanSupplier interrupted) throws IOException {
    while (true) {
      try {
        return future.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        check(interrupted);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("the wait for the store was interrupted");
      } catch (ExecutionException e) {
        throw unwrap(e);
      }
    }
  }

  /** Takes a lock. */
  static void lock(ReentrantLock lock, BooleanSupplier interrupted) throws IOException {
    try {
      while (!lock.tryLock(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        check(interrupted);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the wait for another connection was interrupted");
    }
  }

  /** Sleeps. */
  static void sleep(long millis, BooleanSupplier interrupted) throws IOException {
    check(interrupted);
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the wait for the store was interrupted");
    }
  }

  private static void check(BooleanSupplier interrupted) throws IOException {
    if (interrupted.getAsBoolean()) {
      throw new InterruptedIOException("interrupted by sqlite3_interrupt");
    }
  }

  private static IOException unwrap(Throwable thrown) {
    Throwable t = thrown;
    while (t != null) {
      if (t instanceof StaleFileException
          || t instanceof DamagedFileException
          || t instanceof PlanException
          || t instanceof StoreException) {
        return (IOException) t;
      }
      if (t instanceof Error error) {
        throw error;
      }
      t = t.getCause();
    }
    return StoreException.from(thrown);
  }
}
