package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The tries at one request, until one succeeds, fails for good, or patience ends. */
final class Attempts<T> {
  /** One try. */
  interface Attempt<T> {
    CompletableFuture<T> start();

    /** When something of the answer last arrived, in {@link System#nanoTime}; 0 for never. */
    default long progressNanos() {
      return 0;
    }

    /** Bytes of the answer that arrived in all tries, and need not be asked for again. */
    default long received() {
      return 0;
    }
  }

  /**
   * A try that brought so many bytes was not in vain, and what fails after it counts from one
   * again: however often a long answer is cut, it arrives. So few that the wait that follows keeps
   * above the least rate.
   */
  static final int WORTH = Backoff.FIRST_MILLIS * StoreLimits.SLOWEST;

  private final StoreLimits limits;
  private final RandomGenerator random;
  private final Attempt<T> attempt;
  private final long begunNanos = System.nanoTime();

  private final Pending<T> result =
      new Pending<>() {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
          boolean cancelled = super.cancel(mayInterruptIfRunning);
          stopTimers();
          return cancelled;
        }
      };

  // Guarded by this.
  private int failures;
  private long received;
  private @Nullable StoreException last;
  private @Nullable ScheduledFuture<?> patience;
  private @Nullable ScheduledFuture<?> pause;

  Attempts(StoreLimits limits, RandomGenerator random, Attempt<T> attempt) {
    this.limits = limits;
    this.random = random;
    this.attempt = attempt;
  }

  CompletableFuture<T> start() {
    tryOnce();
    if (!result.isDone()) {
      watchPatience();
    }
    return result;
  }

  synchronized int failures() {
    return failures;
  }

  private void tryOnce() {
    CompletableFuture<T> request;
    try {
      request = attempt.start();
    } catch (RuntimeException e) {
      request = CompletableFuture.failedFuture(e);
    }
    result.standsFor(request);
    var unused = request.whenComplete(this::ended);
  }

  private void ended(@Nullable T value, @Nullable Throwable thrown) {
    if (thrown == null) {
      stopTimers();
      result.complete(value);
      return;
    }
    if (result.isDone()) {
      return;
    }
    StoreException failure = StoreException.from(thrown);
    long wait = 0;
    boolean again = RetryingStore.passing(failure);
    synchronized (this) {
      if (again) {
        long before = received;
        received = attempt.received();
        failures = received - before >= WORTH ? 1 : failures + 1;
        last = failure;
        wait = Backoff.millis(failures, random);
        again = failures < limits.attempts() && wait < patienceLeftMillis();
        if (again) {
          pause = Timers.after(wait, this::tryOnce);
        }
      }
    }
    if (!again) {
      stopTimers();
      result.completeExceptionally(failure);
    }
  }

  private long patienceLeftMillis() {
    long progress = attempt.progressNanos();
    long from = progress == 0 ? begunNanos : progress;
    return limits.patience() - (System.nanoTime() - from) / 1_000_000;
  }

  private void watchPatience() {
    long left = patienceLeftMillis();
    if (left > 0) {
      synchronized (this) {
        patience = Timers.after(left, this::watchPatience);
      }
      if (result.isDone()) {
        stopTimers();
      }
      return;
    }
    StoreException failure;
    synchronized (this) {
      String how = "The store did not answer within " + limits.patience() + " ms";
      StoreException before = last;
      failure =
          before == null
              ? new StoreException(TEMPORARY, how + ".")
              : new StoreException(
                  TEMPORARY,
                  how + ", tried " + (failures + 1) + " times. Before that: " + before.getMessage(),
                  before);
    }
    result.giveUp(failure);
    stopTimers();
  }

  private synchronized void stopTimers() {
    if (patience != null) {
      patience.cancel(false);
    }
    if (pause != null && result.isDone()) {
      pause.cancel(false);
    }
  }
}
