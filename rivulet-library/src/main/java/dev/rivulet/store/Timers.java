package dev.rivulet.store;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** One daemon thread for deadlines and waits of all stores. Its tasks must be short. */
final class Timers {
  private static final ScheduledThreadPoolExecutor POOL = create();

  private Timers() {}

  private static ScheduledThreadPoolExecutor create() {
    ScheduledThreadPoolExecutor pool =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "rivulet-timer");
              thread.setDaemon(true);
              return thread;
            });
    // Nearly every deadline is cancelled; without this each would stay until it was due.
    pool.setRemoveOnCancelPolicy(true);
    return pool;
  }

  static ScheduledFuture<?> after(long millis, Runnable task) {
    return POOL.schedule(task, Math.max(millis, 0), TimeUnit.MILLISECONDS);
  }
}
