package dev.rivulet.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the requests that pass, exactly. Put below the retries it counts every try.
 *
 * <p>A round trip in sequence: each request stands in the longest chain of requests of which every
 * one began after the one before had ended. Requests that run side by side add one to the chain,
 * not several: it is what a user waits for when the store is far away.
 */
public final class CountingStore implements ObjectStore {
  /**
   * What has been counted since the store was opened.
   *
   * @param lists pages of listings asked for
   * @param gets reads begun
   * @param puts writes begun
   * @param deletes deletions begun, each of any number of keys
   * @param failures requests of any kind that failed or were cancelled
   * @param bytesRead handed to sinks
   * @param bytesWritten of writes that ended well
   * @param sequence the longest chain of requests that waited for each other
   */
  public record Counts(
      long lists,
      long gets,
      long puts,
      long deletes,
      long failures,
      long bytesRead,
      long bytesWritten,
      long sequence) {

    /** What came since an earlier count; the sequence too is only the growth of the chain. */
    public Counts since(Counts earlier) {
      return new Counts(
          lists - earlier.lists,
          gets - earlier.gets,
          puts - earlier.puts,
          deletes - earlier.deletes,
          failures - earlier.failures,
          bytesRead - earlier.bytesRead,
          bytesWritten - earlier.bytesWritten,
          sequence - earlier.sequence);
    }

    /** Requests of all kinds. */
    public long requests() {
      return lists + gets + puts + deletes;
    }
  }

  private static final int LISTS = 0;
  private static final int GETS = 1;
  private static final int PUTS = 2;
  private static final int DELETES = 3;
  private static final int FAILURES = 4;
  private static final int READ = 5;
  private static final int WRITTEN = 6;

  /** The length of the longest chain that has ended by now. */
  private static final int ENDED = 7;

  private final ObjectStore store;
  private final AtomicLongArray counts = new AtomicLongArray(8);

  public CountingStore(ObjectStore store) {
    this.store = store;
  }

  public Counts counts() {
    return new Counts(
        counts.get(LISTS),
        counts.get(GETS),
        counts.get(PUTS),
        counts.get(DELETES),
        counts.get(FAILURES),
        counts.get(READ),
        counts.get(WRITTEN),
        counts.get(ENDED));
  }

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    long place = begin(LISTS);
    return watch(store.list(prefix, startAfter, limit), place, 0);
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
    long place = begin(GETS);
    ByteSink counted =
        new ByteSink() {
          @Override
          public void begin(ObjectVersion version) {
            sink.begin(version);
          }

          @Override
          public void accept(byte[] bytes, int offset, int length) {
            counts.addAndGet(READ, length);
            sink.accept(bytes, offset, length);
          }
        };
    return watch(store.get(request, counted), place, 0);
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest request) {
    long place = begin(PUTS);
    return watch(store.put(request), place, request.content().length());
  }

  @Override
  public CompletableFuture<Void> delete(List<String> keys) {
    long place = begin(DELETES);
    return watch(store.delete(keys), place, 0);
  }

  /** Its place in the longest chain: after all that has ended. */
  private long begin(int kind) {
    counts.incrementAndGet(kind);
    return counts.get(ENDED) + 1;
  }

  /** Counts before anyone who waits for the request goes on, so that the next one comes after. */
  private <T> CompletableFuture<T> watch(CompletableFuture<T> request, long place, long bytes) {
    Pending<T> pending = new Pending<>();
    pending.standsFor(request);
    var unused =
        request.whenComplete((value, failure) -> {
          counts.accumulateAndGet(ENDED, place, Math::max);
          if (failure == null) {
            counts.addAndGet(WRITTEN, bytes);
            pending.complete(value);
          } else {
            counts.incrementAndGet(FAILURES);
            pending.completeExceptionally(StoreException.from(failure));
          }
        });
    return pending;
  }

  @Override
  public void close() {
    store.close();
  }
}
