package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.ByteRange;
import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import java.util.concurrent.CompletableFuture;

/**
 * Fetches pieces of a file around the cache, each in one GET, which ends when its future is
 * cancelled. Futures fail with {@link StaleFileException} if the file is gone or replaced, else
 * with a {@link dev.rivulet.store.StoreException}; or with what the sink threw.
 *
 * <p>Thread-safe. It is for who keeps pages elsewhere, as hydration does: no query waits for it, or
 * joins it, and it is not counted as one's.
 */
final class PieceFetch {
  private final ObjectStore store;
  private final IndexedFile file;

  PieceFetch(ObjectStore store, IndexedFile file) {
    this.store = store;
    this.file = file;
  }

  /** Neighbouring frames: from the rank {@code first} on, up to but not including {@code end}. */
  CompletableFuture<?> frames(int first, int end, FrameSink sink) {
    FrameIndex index = file.index();
    long framesEnd = index.offset(end - 1) + index.size(end - 1);
    return get(first, end, index.offset(first), framesEnd, sink);
  }

  /**
   * As {@link #frames}; but the header comes with the file's first frame, and with the last one all
   * that follows it.
   */
  CompletableFuture<?> piece(int first, int end, FrameSink sink) {
    FrameIndex index = file.index();
    long from = first == 0 ? 0 : index.offset(first);
    long to = end == index.count() ? file.file().size() : index.offset(end);
    return get(first, end, from, to, sink);
  }

  /** All bytes of the file, as they lie in the store; {@code to} has its length. */
  CompletableFuture<?> whole(byte[] to) {
    int[] filled = {0};
    return get(
        new ByteRange(0, file.file().size()),
        (piece, offset, length) -> {
          System.arraycopy(piece, offset, to, filled[0], length);
          filled[0] += length;
        });
  }

  private CompletableFuture<?> get(int first, int end, long from, long to, FrameSink sink) {
    return get(
        new ByteRange(from, to - from), new PieceSplitter(file.index(), first, end, from, sink));
  }

  /** The same future as the store's, whose failure says what it means for the file. */
  private CompletableFuture<ObjectVersion> get(ByteRange range, ByteSink sink) {
    LtxFile f = file.file();
    CompletableFuture<ObjectVersion> request =
        store.get(new GetRequest(f.key(), range, f.etag()), sink);
    CompletableFuture<ObjectVersion> typed =
        request.exceptionallyCompose(
            thrown -> CompletableFuture.failedFuture(StaleFileException.orStoreFailure(f, thrown)));
    var unused =
        typed.whenComplete((version, thrown) -> {
          if (typed.isCancelled()) {
            request.cancel(true);
          }
        });
    return typed;
  }
}
