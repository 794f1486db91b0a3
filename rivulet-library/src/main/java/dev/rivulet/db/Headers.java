package dev.rivulet.db;

import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.ByteRange;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ObjectStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The headers of a replica's files: each is read once, in a request of 100 bytes, and remembered,
 * for a file never changes (one that was replaced is another file: it has another ETag).
 * Thread-safe.
 */
final class Headers {
  /** Those of a day-old replica, with a quarter more; some 300 bytes each. */
  private static final int REMEMBERED = 4096;

  /** Requests at once: as many as a store has connections by default. */
  private static final int WINDOW = 64;

  private final ObjectStore store;

  /** Least recently used first; complete or under way. Guarded by itself. */
  private final Map<LtxFile, CompletableFuture<LtxHeader>> headers =
      new LinkedHashMap<>(64, 0.75f, true);

  Headers(ObjectStore store) {
    this.store = store;
  }

  /** The header if it was read. */
  @Nullable LtxHeader known(LtxFile file) {
    CompletableFuture<LtxHeader> header;
    synchronized (headers) {
      header = headers.get(file);
    }
    return header == null || !header.isDone() || header.isCompletedExceptionally()
        ? null
        : header.join();
  }

  /** Remembers a header that was read with its file. */
  void learn(LtxFile file, LtxHeader header) {
    synchronized (headers) {
      headers.put(file, CompletableFuture.completedFuture(header));
      forgetOldest();
    }
  }

  /**
   * The header of a file; the request is begun if it is not known.
   *
   * @return fails with {@link StaleFileException}, {@link DamagedFileException} or a {@link
   *     dev.rivulet.store.StoreException}
   */
  CompletableFuture<LtxHeader> get(LtxFile file) {
    CompletableFuture<LtxHeader> reading;
    synchronized (headers) {
      CompletableFuture<LtxHeader> known = headers.get(file);
      if (known != null) {
        return known;
      }
      reading = read(file);
      headers.put(file, reading);
      forgetOldest();
    }
    var unused =
        reading.whenComplete((header, thrown) -> {
          if (thrown != null) {
            synchronized (headers) {
              headers.remove(file, reading);
            }
          }
        });
    return reading;
  }

  private void forgetOldest() {
    var eldest = headers.values().iterator();
    while (headers.size() > REMEMBERED && eldest.hasNext()) {
      eldest.next();
      eldest.remove();
    }
  }

  /**
   * The headers of files, in their order, as many requests at once as the store has connections.
   */
  List<LtxHeader> read(Collection<LtxFile> files, BooleanSupplier interrupted) throws IOException {
    List<LtxFile> list = List.copyOf(files);
    List<CompletableFuture<LtxHeader>> begun = new ArrayList<>();
    List<LtxHeader> read = new ArrayList<>(list.size());
    while (read.size() < list.size()) {
      while (begun.size() < Math.min(list.size(), read.size() + WINDOW)) {
        begun.add(get(list.get(begun.size())));
      }
      read.add(Waits.get(begun.get(read.size()), interrupted));
    }
    return read;
  }

  private CompletableFuture<LtxHeader> read(LtxFile file) {
    if (file.size() < LtxHeader.SIZE) {
      return CompletableFuture.failedFuture(
          new DamagedFileException(file, "it has only " + file.size() + " bytes"));
    }
    Filler bytes = new Filler(LtxHeader.SIZE);
    GetRequest get = new GetRequest(file.key(), new ByteRange(0, LtxHeader.SIZE), file.etag());
    return store
        .get(get, bytes)
        .handle((version, thrown) -> {
          if (thrown != null) {
            throw new CompletionException(StaleFileException.orStoreFailure(file, thrown));
          }
          return parse(file, bytes.bytes());
        });
  }

  private static LtxHeader parse(LtxFile file, byte[] bytes) {
    try {
      LtxHeader header = LtxHeader.parse(bytes, 0, bytes.length);
      if (!header.minTxid().equals(file.min()) || !header.maxTxid().equals(file.max())) {
        throw new CompletionException(
            new DamagedFileException(
                file, "its header is that of " + header.minTxid() + "-" + header.maxTxid()));
      }
      return header;
    } catch (LtxException e) {
      throw new CompletionException(new DamagedFileException(file, e));
    }
  }
}
