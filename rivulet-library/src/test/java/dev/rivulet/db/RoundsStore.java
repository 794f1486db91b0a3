package dev.rivulet.db;

import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ListPage;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import dev.rivulet.store.PutRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * A store that is far away: it answers all requests that were made by the time nobody makes more,
 * which is when the thread that made it waits. So the round trips of that thread can be counted
 * exactly, however slow the machine is.
 */
final class RoundsStore implements ObjectStore {
  private final ObjectStore store;
  private final Thread reader = Thread.currentThread();
  private final List<Runnable> asked = new ArrayList<>();
  private final Thread answering = Thread.ofPlatform().daemon().unstarted(this::answer);
  private volatile boolean closed;

  RoundsStore(ObjectStore store) {
    this.store = store;
    answering.start();
  }

  private void answer() {
    while (!closed) {
      List<Runnable> round = List.of();
      synchronized (asked) {
        // Waits.get waits with a time-out, and nothing else of the reader's does.
        if (reader.getState() == Thread.State.TIMED_WAITING) {
          round = List.copyOf(asked);
          asked.clear();
        }
      }
      if (round.isEmpty()) {
        LockSupport.parkNanos(10_000);
      }
      round.forEach(Runnable::run);
    }
  }

  private <T> CompletableFuture<T> later(java.util.function.Supplier<CompletableFuture<T>> job) {
    CompletableFuture<T> result = new CompletableFuture<>();
    synchronized (asked) {
      asked.add(() -> {
        var _ =
            job.get()
                .whenComplete((value, thrown) -> {
                  if (thrown != null) {
                    result.completeExceptionally(thrown);
                  } else {
                    result.complete(value);
                  }
                });
      });
    }
    return result;
  }

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    return later(() -> store.list(prefix, startAfter, limit));
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
    return later(() -> store.get(request, sink));
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest request) {
    return store.put(request);
  }

  @Override
  public CompletableFuture<Void> delete(List<String> keys) {
    return store.delete(keys);
  }

  @Override
  public void close() {
    closed = true;
  }
}
