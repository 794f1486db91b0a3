package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.CONFLICT;
import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * Repeats what failed for a passing reason, and nothing else.
 *
 * <ul>
 *   <li>Lists and deletes are the same when done twice.
 *   <li>A read goes on after the last byte that arrived, on the same version of the object, so that
 *       the sink never sees a byte twice.
 *   <li>An unconditional write is the same when done twice.
 *   <li>A conditional write whose answer was lost may have happened: then the next try finds its
 *       condition broken by itself. So that conflict is believed only if the object that is there
 *       differs from the one that was written.
 * </ul>
 *
 * <p>No thread waits between two tries. {@link StoreLimits#patience} ends the whole.
 */
public final class RetryingStore implements ObjectStore {
  private final ObjectStore store;
  private final StoreLimits limits;
  private final RandomGenerator random;

  public RetryingStore(ObjectStore store, StoreLimits limits) {
    this(store, limits, () -> java.util.concurrent.ThreadLocalRandom.current().nextLong());
  }

  RetryingStore(ObjectStore store, StoreLimits limits, RandomGenerator random) {
    this.store = store;
    this.limits = limits;
    this.random = random;
  }

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    return new Attempts<>(limits, random, () -> store.list(prefix, startAfter, limit)).start();
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
    ResumedRead read = new ResumedRead(store, request, sink);
    return new Attempts<>(limits, random, read).start();
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest request) {
    Attempts<ObjectVersion> attempts = new Attempts<>(limits, random, () -> store.put(request));
    CompletableFuture<ObjectVersion> put = attempts.start();
    if (request.condition() instanceof PutRequest.Condition.Always) {
      return put;
    }
    Pending<ObjectVersion> pending = new Pending<>();
    pending.standsFor(put);
    var unused =
        put.whenComplete((version, failure) -> {
          if (failure == null) {
            pending.complete(version);
            return;
          }
          StoreException reason = StoreException.from(failure);
          if (reason.kind() == CONFLICT && attempts.failures() > 0) {
            pending.follow(new WrittenBefore(this, request, reason).check());
          } else {
            pending.completeExceptionally(reason);
          }
        });
    return pending;
  }

  @Override
  public CompletableFuture<Void> delete(List<String> keys) {
    List<String> copy = List.copyOf(keys);
    return new Attempts<>(limits, random, () -> store.delete(copy)).start();
  }

  @Override
  public void close() {
    store.close();
  }

  /** Whether a failure may pass. */
  static boolean passing(StoreException failure) {
    return failure.kind() == TEMPORARY;
  }
}
