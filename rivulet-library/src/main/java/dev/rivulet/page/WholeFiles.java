package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.LtxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files that were read whole, until a view tells which of their pages it needs.
 *
 * <p>A plan of a replica with a past has dozens of files that rewrite the same pages. Decoding all
 * of them would cost many times what the database has, and push what is needed out of the cache.
 * Thread-safe.
 */
final class WholeFiles {
  /** Sixteen of the longest. Of what does not fit, pages are fetched again when they are wanted. */
  private static final long MOST_BYTES = 16L << 20;

  private final PageCache cache;
  private final TreeHints hints;

  /** The oldest first. Guarded by this, as the sum of their lengths. */
  private final Map<Long, byte[]> byId = new LinkedHashMap<>();

  private long bytes;

  WholeFiles(PageCache cache, TreeHints hints) {
    this.cache = cache;
    this.hints = hints;
  }

  /** Keeps a file's bytes; the oldest go if there are too many. */
  synchronized void put(IndexedFile file, byte[] whole) {
    byId.put(file.id(), whole);
    bytes += whole.length;
    var oldest = byId.values().iterator();
    while (bytes > MOST_BYTES) {
      bytes -= oldest.next().length;
      oldest.remove();
    }
  }

  private synchronized byte @Nullable [] take(IndexedFile file) {
    byte[] whole = byId.remove(file.id());
    bytes -= whole == null ? 0 : whole.length;
    return whole;
  }

  /** How many bytes are held. */
  synchronized long heldBytes() {
    return bytes;
  }

  /** Lets go of a file: there is no view of it. */
  void drop(IndexedFile file) {
    var unused = take(file);
  }

  /** Puts the pages that a view has of these files into the cache. */
  void keepLive(List<IndexedFile> files, View view) {
    for (IndexedFile file : files) {
      byte[] whole = take(file);
      if (whole != null) {
        keepLive(file, whole, view);
      }
    }
  }

  private void keepLive(IndexedFile file, byte[] whole, View view) {
    FrameIndex index = file.index();
    for (int rank = 0; rank < index.count(); rank++) {
      int pgno = index.pgno(rank);
      if (!file.equals(view.map().find(pgno))) {
        continue;
      }
      try {
        FrameIntake.take(file, rank, whole, (int) index.offset(rank), cache, Worth.NEAR, hints);
      } catch (LtxException e) {
        // Who wants it fetches it again, and is told.
      }
    }
  }
}
