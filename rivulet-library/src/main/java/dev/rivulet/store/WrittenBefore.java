package dev.rivulet.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whether a conditional write, whose answer was lost and whose repetition was refused, is
 * there after all: the object then has exactly the bytes that were written.
 */
final class WrittenBefore implements ByteSink {
  private final ObjectStore store;
  private final PutRequest request;
  private final StoreException refusal;
  private @Nullable InputStream expected;
  private boolean differs;

  /**
   * @param refusal the outcome if the object is not ours
   */
  WrittenBefore(ObjectStore store, PutRequest request, StoreException refusal) {
    this.store = store;
    this.request = request;
    this.refusal = refusal;
  }

  CompletableFuture<ObjectVersion> check() {
    return Pending.then(store.list(request.key(), "", 1), page -> compare(page.objects()));
  }

  private CompletableFuture<ObjectVersion> compare(List<ObjectEntry> found) throws StoreException {
    if (found.isEmpty()) {
      throw refusal;
    }
    ObjectEntry entry = found.get(0);
    if (!entry.key().equals(request.key()) || entry.size() != request.content().length()) {
      throw refusal;
    }
    ObjectVersion version = new ObjectVersion(entry.etag(), entry.size());
    if (entry.size() == 0) {
      return CompletableFuture.completedFuture(version);
    }
    try {
      expected = request.content().open();
    } catch (IOException e) {
      throw StoreException.from(e);
    }
    CompletableFuture<ObjectVersion> read =
        store.get(
            new GetRequest(request.key(), new ByteRange(0, entry.size()), entry.etag()), this);
    return Pending.of(
        read.whenComplete((same, failure) -> closeExpected()),
        same -> {
          if (differs) {
            throw refusal;
          }
          return same;
        });
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) {
    InputStream in = expected;
    if (in == null || differs) {
      return;
    }
    try {
      byte[] ours = in.readNBytes(length);
      if (ours.length < length) {
        throw new EOFException("the content became shorter");
      }
      differs = !Arrays.equals(ours, 0, length, bytes, offset, offset + length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void closeExpected() {
    InputStream in = expected;
    if (in != null) {
      try {
        in.close();
      } catch (IOException e) {
        // It was only read from.
      }
    }
  }
}
