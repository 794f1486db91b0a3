package dev.rivulet.hydrate;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.View;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a hydrated file lacks, as ranges of LTX files, found while they are fetched: in the order of
 * page numbers, which is that of the frames in each file. Not thread-safe.
 *
 * <p>Memory: one range for each file of the plan, and for one that is read whole as many as it has
 * pieces.
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
   * @param piece which piece that is, if all of the file is read for its checksum's sake
   */
  record Range(IndexedFile file, int first, int end, WholeRead.@Nullable Piece piece) {
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

  /** Files that are read whole. */
  private final Map<IndexedFile, WholeRead> whole = new HashMap<>();

  /** Files of which it was decided whether they are. */
  private final Set<IndexedFile> decided = new HashSet<>();

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
    for (WholeRead read : hydrated.unproven()) {
      add(read);
    }
  }

  private void add(WholeRead read) {
    decided.add(read.file());
    whole.put(read.file(), read);
    for (WholeRead.Piece part : read.missing()) {
      ready.add(part.range());
    }
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
          && !isBrought(file, pgno)
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

  /** Whether a page comes with a piece of a file that is read whole. */
  private boolean isBrought(IndexedFile file, int pgno) {
    if (decided.add(file) && isWorthAll(file)) {
      WholeRead read = new WholeRead(file, piece);
      hydrated.prove(read);
      add(read);
    }
    WholeRead read = whole.get(file);
    return read != null && read.isMissing(file.index().rank(pgno));
  }

  /** Whether of a large file hardly anything would be read in vain. */
  private boolean isWorthAll(IndexedFile file) {
    long size = file.file().size();
    return size > Hydrator.PIECE && size - wanted(file) <= size / Hydrator.PIECE * GAP;
  }

  private long wanted(IndexedFile file) {
    FrameIndex index = file.index();
    long bytes = 0;
    for (int rank = 0; rank < index.count(); rank++) {
      bytes += hydrated.wants(view, file, index.pgno(rank)) ? index.size(rank) : 0;
    }
    return bytes;
  }

  private void add(IndexedFile file, int rank) {
    FrameIndex index = file.index();
    Range range = open.get(file);
    if (range != null) {
      long gap = index.offset(rank) - index.offset(range.end() - 1) - index.size(range.end() - 1);
      if (gap <= GAP && range.bytes() + gap + index.size(rank) <= piece) {
        open.put(file, new Range(file, range.first(), rank + 1, null));
        return;
      }
      ready.add(range);
    }
    open.put(file, new Range(file, rank, rank + 1, null));
  }
}
