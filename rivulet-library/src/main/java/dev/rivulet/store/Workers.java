package dev.rivulet.store;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A small pool of daemon threads for work that may block on a disk. */
final class Workers {
  /**
   * A disk gains little from more requests at once, and a folder on a network file system a lot;
   * eight threads of 1 MiB reads keep either busy.
   */
  private static final int THREADS = 8;

  /** A full collection of a small heap takes as long. */
  private static final int NO_MEMORY_MILLIS = 10;

  private final ExecutorService pool;
  private final Set<Running<?>> active = ConcurrentHashMap.newKeySet();

  Workers(String name) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    pool = executor;
  }

  /** Work that may fail or be interrupted. */
  interface Task<T> {
    @Nullable T run() throws Exception;
  }

  /** Work that tells how it gets on. */
  interface Steps<T> {
    /**
     * Works.
     *
     * @param alive to be asked at each step; false once nobody waits for the result any more
     */
    @Nullable T run(BooleanSupplier alive) throws Exception;
  }

  /** Runs a task on the pool; cancelling the future interrupts it. */
  <T> CompletableFuture<T> run(Task<T> task) {
    return submit(task, new Running<>());
  }

  /**
   * Runs a task that must take a step every so often. If it does not (a network file system whose
   * server is gone keeps a thread for as long as it likes), the future fails at that time; the
   * thread is lost to the pool until the system gives it back.
   *
   * @param late the failure
   */
  <T> CompletableFuture<T> run(Steps<T> task, int millis, Supplier<StoreException> late) {
    Running<T> running = new Running<>();
    running.watch(millis, late);
    return submit(() -> task.run(running::step), running);
  }

  private <T> CompletableFuture<T> submit(Task<T> task, Running<T> running) {
    active.add(running);
    var unused = running.whenComplete((value, failure) -> active.remove(running));
    try {
      running.started(pool.submit(() -> perform(task, running)));
    } catch (RejectedExecutionException e) {
      running.completeExceptionally(MemoryStore.closed());
    }
    return running;
  }

  private static <T> void perform(Task<T> task, Running<T> running) {
    if (!running.isDone()) {
      try {
        running.complete(task.run());
      } catch (Throwable e) {
        fail(running, e);
      }
    }
  }

  /**
   * Tells whoever waits; if there is no memory for that, once another thread has let go of some.
   */
  private static void fail(Running<?> running, Throwable why) {
    while (true) {
      try {
        running.completeExceptionally(StoreException.from(why));
        return;
      } catch (OutOfMemoryError e) {
        if (Thread.currentThread().isInterrupted()) {
          return; // who closes the pool tells them
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(NO_MEMORY_MILLIS));
      }
    }
  }

  /** Fails what is under way and what waits. */
  void close() {
    pool.shutdownNow();
    for (Running<?> running : active) {
      running.completeExceptionally(MemoryStore.closed());
    }
  }

  private static final class Running<T> extends CompletableFuture<T> {
    private volatile @Nullable Future<?> thread;
    private volatile long lastStep = System.nanoTime();

    boolean step() {
      lastStep = System.nanoTime();
      return !isDone();
    }

    void watch(int millis, Supplier<StoreException> late) {
      long left = millis - (System.nanoTime() - lastStep) / 1_000_000;
      if (left <= 0) {
        completeExceptionally(late.get());
        interrupt();
        return;
      }
      ScheduledFuture<?> timer = Timers.after(left, () -> watch(millis, late));
      var unused = whenComplete((value, failure) -> timer.cancel(false));
    }

    private void interrupt() {
      Future<?> current = thread;
      if (current != null) {
        current.cancel(true);
      }
    }

    void started(Future<?> future) {
      thread = future;
      if (isCancelled()) {
        future.cancel(true);
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      if (cancelled) {
        interrupt();
      }
      return cancelled;
    }
  }
}
