package dev.rivulet.hydrate;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.View;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What a hydrated file lacks, as ranges of LTX files, found while they are fetched: in the order of
 * page numbers, which is that of the frames in each file. Not thread-safe.
 *
 * <p>Memory: one range for each file of the plan, however large the database is.
 */
final class MissingRanges {
  /**
   * Bytes of dead or known frames that are worth reading in vain to save a request: a request costs
   * the store as much as some 3 ms of a stream of 85 MB/s.
   */
  static final int GAP = 256 * 1024;

  /**
   * Neighbouring frames of one file.
   *
   * @param first the first one's rank
   * @param end after the last one's
   */
  record Range(IndexedFile file, int first, int end) {
    long bytes() {
      FrameIndex index = file.index();
      return index.offset(end - 1) + index.size(end - 1) - index.offset(first);
    }
  }

  private final HydratedFile hydrated;
  private final View view;
  private final int lineage;
  private final long piece;
  private final Map<IndexedFile, Range> open = new HashMap<>();
  private final Queue<Range> ready = new ArrayDeque<>();
  private int pgno = 1;

  /**
   * Of a view.
   *
   * @param piece about the largest range, in bytes
   */
  MissingRanges(HydratedFile hydrated, View view, int lineage, long piece) {
    this.hydrated = hydrated;
    this.view = view;
    this.lineage = lineage;
    this.piece = piece;
  }

  /**
   * The next range; null if there is none. Pages that the page cache has are put in on the way.
   *
   * @throws IOException if the local file cannot be written
   */
  @Nullable Range next() throws IOException {
    int lockPage = PageSize.lockPage(view.pageSize());
    while (ready.isEmpty() && pgno <= view.commit()) {
      IndexedFile file = pgno == lockPage ? null : view.map().find(pgno);
      if (file != null
          && hydrated.wants(view, file, pgno)
          && !hydrated.storeCached(view, lineage, file, pgno)) {
        add(file, file.index().rank(pgno));
      }
      pgno++;
    }
    if (ready.isEmpty()) {
      ready.addAll(open.values());
      open.clear();
    }
    return ready.poll();
  }

  private void add(IndexedFile file, int rank) {
    FrameIndex index = file.index();
    Range range = open.get(file);
    if (range != null) {
      long gap = index.offset(rank) - index.offset(range.end() - 1) - index.size(range.end() - 1);
      if (gap <= GAP && range.bytes() + gap + index.size(rank) <= piece) {
        open.put(file, new Range(file, range.first(), rank + 1));
        return;
      }
      ready.add(range);
    }
    open.put(file, new Range(file, rank, rank + 1));
  }
}
