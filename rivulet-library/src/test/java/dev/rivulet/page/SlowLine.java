package dev.rivulet.page;

import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ListPage;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import dev.rivulet.store.PutRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * A store on a line that is slower than any reader: 32 kB a millisecond, one GET at a time. Closing
 * it leaves the store behind it open.
 */
final class SlowLine implements ObjectStore {
  private static final int CHUNK = 32 * 1024;

  private final ObjectStore store;
  private final ExecutorService line = Executors.newSingleThreadExecutor();

  SlowLine(ObjectStore store) {
    this.store = store;
  }

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    return store.list(prefix, startAfter, limit);
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
    return CompletableFuture.supplyAsync(
        () ->
            store
                .get(
                    request,
                    (bytes, offset, length) -> {
                      for (int i = 0; i < length; i += CHUNK) {
                        pause();
                        sink.accept(bytes, offset + i, Math.min(CHUNK, length - i));
                      }
                    })
                .join(),
        line);
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(1);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
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
    line.shutdownNow();
  }
}
