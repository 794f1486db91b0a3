package dev.rivulet.hydrate;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.Frames;
import dev.rivulet.ltx.LtxDecoder;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.FrameSink;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.page.View;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Brings one range into the file: decodes its frames as they arrive, and writes pages that follow
 * each other together. Used by one thread at a time.
 */
final class RangeFill implements FrameSink {
  /** Written at once. A longer run saves nothing: a system call costs as much as copying a page. */
  private static final int RUN_BYTES = 128 * 1024;

  private final HydratedFile hydrated;
  private final View view;
  private final int lineage;
  private final IndexedFile file;
  private final WholeRead.@Nullable Piece piece;
  private final int pageSize;
  private final byte[] run;
  private CompletableFuture<?> request = new CompletableFuture<>();
  private CompletableFuture<?> done = request;
  private int first;
  private int count;

  /** The first frame that was damaged. What follows it is put in all the same. */
  private @Nullable LtxException damage;

  private RangeFill(HydratedFile hydrated, View view, int lineage, MissingRanges.Range range) {
    this.hydrated = hydrated;
    this.view = view;
    this.lineage = lineage;
    this.file = range.file();
    this.piece = range.piece();
    this.pageSize = view.pageSize();
    this.run = new byte[Math.max(RUN_BYTES, pageSize)];
  }

  /**
   * Fetches a range and puts its pages in.
   *
   * @param whole whether the whole file is read at once, for its checksum's sake
   */
  static RangeFill start(
      ReplicaPages pages,
      HydratedFile hydrated,
      View view,
      int lineage,
      MissingRanges.Range range,
      boolean whole) {
    IndexedFile file = range.file();
    RangeFill fill = new RangeFill(hydrated, view, lineage, range);
    if (whole) {
      byte[] bytes = new byte[Math.toIntExact(file.file().size())];
      fill.request = pages.fetchWhole(file, bytes);
      fill.done = fill.request.thenRun(() -> fill.verified(bytes, range)).thenRun(fill::finish);
    } else {
      fill.request =
          range.piece() == null
              ? pages.fetch(file, range.first(), range.end(), fill)
              : pages.fetchPiece(file, range.first(), range.end(), fill);
      fill.done = fill.request.thenRun(fill::finish);
    }
    return fill;
  }

  /**
   * Fails with a {@link dev.rivulet.page.StaleFileException}, a {@link DamagedFileException}, what
   * the store failed with, or why the file cannot be written.
   */
  CompletableFuture<?> done() {
    return done;
  }

  void cancel() {
    request.cancel(true);
  }

  /** Takes what it needs of a whole file, if that is what its checksum says. */
  private void verified(byte[] bytes, MissingRanges.Range range) {
    try {
      LtxDecoder decoder = new LtxDecoder((pgno, page) -> {});
      decoder.accept(bytes, 0, bytes.length);
      decoder.finish();
    } catch (LtxException e) {
      throw refused(e);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
    for (int rank = range.first(); rank < range.end(); rank++) {
      frame(rank, bytes, Math.toIntExact(file.index().offset(rank)));
    }
  }

  @Override
  public void frame(int rank, byte[] bytes, int offset) {
    FrameIndex index = file.index();
    int pgno = index.pgno(rank);
    boolean wanted = hydrated.wants(view, file, pgno);
    if (!wanted && piece == null) {
      return;
    }
    if (count > 0 && (pgno != first + count || (count + 1) * pageSize > run.length)) {
      flush();
    }
    if (count == 0) {
      first = pgno;
    }
    try {
      Frames.decode(bytes, offset, index.size(rank), pgno, pageSize, run, count * pageSize);
    } catch (LtxException e) {
      damage = damage == null ? e : damage;
      flush();
      return;
    }
    if (piece != null) {
      piece.frame(bytes, offset, run, count * pageSize, pageSize);
    }
    count += wanted ? 1 : 0;
  }

  @Override
  public void beside(byte[] bytes, int offset, int length) {
    if (piece != null) {
      piece.beside(bytes, offset, length);
    }
  }

  private void finish() {
    flush();
    if (damage != null) {
      throw new CompletionException(new DamagedFileException(file.file(), damage));
    }
    if (piece != null) {
      try {
        if (piece.end()) {
          hydrated.proven(file);
        }
      } catch (LtxException e) {
        throw refused(e);
      }
    }
  }

  private CompletionException refused(LtxException why) {
    DamagedFileException damaged = new DamagedFileException(file.file(), why);
    hydrated.refuse(file, damaged);
    return new CompletionException(damaged);
  }

  private void flush() {
    if (count > 0) {
      try {
        hydrated.store(view, lineage, file, first, run, count);
      } catch (IOException e) {
        throw new CompletionException(new LocalFileException(e));
      }
      count = 0;
    }
  }
}
