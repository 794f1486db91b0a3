package dev.rivulet.hydrate;

import dev.rivulet.ltx.ChecksumPart;
import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxTrailer;
import dev.rivulet.page.IndexedFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A file that is read whole in pieces, in any order. Frames have no checksum of their own
 * (ltx-format 3.1), so whether all of them are what was written is known when the last piece is
 * there.
 */
final class WholeRead {
  private final IndexedFile file;
  private final List<Piece> pieces = new ArrayList<>();
  private final AtomicInteger missing;

  /**
   * Of a file with at least one page.
   *
   * @param bytes about the largest piece
   */
  WholeRead(IndexedFile file, long bytes) {
    this.file = file;
    FrameIndex index = file.index();
    for (int first = 0; first < index.count(); first = pieces.getLast().end) {
      int end = index.rankAtOffset(index.offset(first) + bytes);
      pieces.add(new Piece(first, Math.max(end, first + 1)));
    }
    this.missing = new AtomicInteger(pieces.size());
  }

  List<Piece> pieces() {
    return pieces;
  }

  /** Neighbouring frames, and what of the file lies beside them. Used by one thread at a time. */
  final class Piece {
    private final int first;
    private final int end;
    private final ChecksumPart part = new ChecksumPart();

    /** Of the last piece: what the file says that its checksum is. */
    private final ByteBuffer sum = ByteBuffer.allocate(Long.BYTES);

    /** Bytes beside the frames that count and have not come yet. */
    private long counted;

    private Piece(int first, int end) {
      FrameIndex index = file.index();
      this.first = first;
      this.end = end;
      this.counted = first == 0 ? index.offset(0) : 0;
      if (end == index.count()) {
        counted += file.file().size() - index.framesEnd() - Long.BYTES;
      }
    }

    MissingRanges.Range range() {
      return new MissingRanges.Range(file, first, end, this);
    }

    void frame(byte[] frame, int offset, byte[] page, int pageOffset, int pageSize) {
      part.frame(frame, offset, page, pageOffset, pageSize);
    }

    void beside(byte[] bytes, int offset, int length) {
      int count = (int) Math.min(counted, length);
      part.bytes(bytes, offset, count);
      counted -= count;
      sum.put(bytes, offset + count, length - count);
    }

    /**
     * All of it is there.
     *
     * @return whether all of the file is, and is what its checksum says
     * @throws LtxException if it is, and is not
     */
    boolean end() throws LtxException {
      boolean last = missing.decrementAndGet() == 0;
      if (last) {
        verify();
      }
      return last;
    }
  }

  private void verify() throws LtxException {
    long content = ChecksumPart.join(pieces.stream().map(piece -> piece.part).toList());
    LtxTrailer.checkFile(pieces.getLast().sum.getLong(0), content);
  }
}
