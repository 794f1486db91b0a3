package dev.rivulet.page;

import dev.rivulet.replica.LtxFile;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Files whose header and index have been read, so that a new plan reads only what is new: those
 * that were used last, as far as a budget goes, and those that a view has, for they cost nothing
 * more. Thread-safe.
 */
final class IndexedFiles {
  /** What a remembered file takes besides its index: names, header, map entry. */
  private static final int FILE_BYTES = 1024;

  private final FileLoader loader;
  private final long budget;

  // All guarded by this.
  /** Least recently used first. */
  private final Map<LtxFile, CompletableFuture<IndexedFile>> recent =
      new LinkedHashMap<>(64, 0.75f, true);

  /** What the recent ones take, but for those still loading. */
  private long bytes;

  /** Those that the budget does not cover, while anybody has them. */
  private final Map<LtxFile, WeakReference<IndexedFile>> others = new HashMap<>();

  /**
   * No file yet.
   *
   * @param budget bytes of the recently used ones
   */
  IndexedFiles(FileLoader loader, long budget) {
    this.loader = loader;
    this.budget = budget;
  }

  /** The file, read if it is not known; as {@link FileLoader#load}. */
  CompletableFuture<IndexedFile> get(LtxFile file, FileLoader.Place place) {
    CompletableFuture<IndexedFile> loading;
    synchronized (this) {
      CompletableFuture<IndexedFile> known = recent.get(file);
      if (known != null) {
        return known;
      }
      WeakReference<IndexedFile> held = others.get(file);
      IndexedFile other = held == null ? null : held.get();
      if (other != null) {
        return CompletableFuture.completedFuture(other);
      }
      loading = loader.load(file, place);
      recent.put(file, loading);
    }
    var unused = loading.whenComplete((indexed, thrown) -> loaded(file, indexed));
    return loading;
  }

  private synchronized void loaded(LtxFile file, @Nullable IndexedFile indexed) {
    if (indexed == null) {
      recent.remove(file);
      return;
    }
    bytes += bytes(indexed);
    if (bytes > budget) {
      evict(indexed);
    }
  }

  private void evict(IndexedFile newest) {
    others.values().removeIf(held -> held.get() == null);
    var eldest = recent.entrySet().iterator();
    while (bytes > budget && eldest.hasNext()) {
      var entry = eldest.next();
      CompletableFuture<IndexedFile> loading = entry.getValue();
      if (loading.isDone() && !loading.isCompletedExceptionally()) {
        IndexedFile old = loading.join();
        if (!old.equals(newest)) {
          bytes -= bytes(old);
          others.put(entry.getKey(), new WeakReference<>(old));
          eldest.remove();
        }
      }
    }
  }

  private static long bytes(IndexedFile file) {
    return FILE_BYTES + file.index().memoryBytes();
  }
}
