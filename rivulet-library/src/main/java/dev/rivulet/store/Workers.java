package dev.rivulet.store;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A small pool of daemon threads for work that may block on a disk. */
final class Workers {
  /**
   * A disk gains little from more requests at once, and a folder on a network file system a lot;
   * eight threads of 1 MiB reads keep either busy.
   */
  private static final int THREADS = 8;

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

  /** Runs a task on the pool; cancelling the future interrupts it. */
  <T> CompletableFuture<T> run(Task<T> task) {
    Running<T> running = new Running<>();
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
        running.completeExceptionally(StoreException.from(e));
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

    void started(Future<?> future) {
      thread = future;
      if (isCancelled()) {
        future.cancel(true);
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      boolean cancelled = super.cancel(mayInterruptIfRunning);
      Future<?> current = thread;
      if (cancelled && current != null) {
        current.cancel(true);
      }
      return cancelled;
    }
  }
}
