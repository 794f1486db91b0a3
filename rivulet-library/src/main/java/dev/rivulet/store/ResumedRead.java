package dev.rivulet.store;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A read that goes on where the try before it was cut, on the same version of the object.
 *
 * <p>One try is under way at a time, each begun after the one before had ended; the fields are
 * volatile because that may be on another thread.
 */
final class ResumedRead implements Attempts.Attempt<ObjectVersion>, ByteSink {
  private final ObjectStore store;
  private final GetRequest request;
  private final ByteSink sink;
  private volatile long delivered;
  private volatile long progressNanos;
  private volatile @Nullable ObjectVersion version;

  ResumedRead(ObjectStore store, GetRequest request, ByteSink sink) {
    this.store = store;
    this.request = request;
    this.sink = sink;
  }

  @Override
  public CompletableFuture<ObjectVersion> start() {
    ObjectVersion seen = version;
    if (delivered == 0) {
      return store.get(request, this);
    }
    if (seen == null || seen.etag().isEmpty()) {
      // Nothing says that the rest would be of the same version.
      return CompletableFuture.failedFuture(
          new StoreException(
              StoreException.Kind.OTHER,
              "Reading object " + request.key() + " was cut, and it has no ETag to go on with."));
    }
    ByteRange range = request.range();
    if (delivered == range.length()) {
      return CompletableFuture.completedFuture(seen);
    }
    ByteRange left = new ByteRange(range.offset() + delivered, range.length() - delivered);
    return store.get(new GetRequest(request.key(), left, seen.etag()), this);
  }

  @Override
  public void begin(ObjectVersion newVersion) {
    if (delivered == 0) {
      version = newVersion;
      sink.begin(newVersion);
    }
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // One try at a time, see above.
  public void accept(byte[] bytes, int offset, int length) {
    // Before the sink: if it throws, it is not given these bytes again.
    delivered += length;
    progressNanos = System.nanoTime();
    sink.accept(bytes, offset, length);
  }

  @Override
  public long progressNanos() {
    return progressNanos;
  }

  @Override
  public long received() {
    return delivered;
  }
}
