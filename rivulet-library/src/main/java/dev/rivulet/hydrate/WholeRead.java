package dev.rivulet.hydrate;

import dev.rivulet.ltx.ChecksumPart;
import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxTrailer;
import dev.rivulet.page.IndexedFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read whole in pieces, in any order, with pauses and restarts of the process
 * between them. Frames have no checksum of their own (ltx-format 3.1), so whether all of them are
 * what was written is known when the last piece is there. Thread-safe.
 */
final class WholeRead {
  /**
   * A piece that has been read.
   *
   * @param first rank of its first frame
   * @param end after the rank of its last one
   * @param sum what it adds to the file's checksum
   * @param fileChecksum what the file says that its checksum is, if this is the last piece; else 0
   */
  record Part(int first, int end, ChecksumPart.Sum sum, long fileChecksum) {}

  private final IndexedFile file;

  /** Without gaps, from the first frame to the last. */
  private final List<Slot> slots = new ArrayList<>();

  /** One piece's place. */
  private static final class Slot {
    final int first;
    final int end;

    /** Guarded by the whole read. */
    @Nullable Part part;

    Slot(int first, int end, @Nullable Part part) {
      this.first = first;
      this.end = end;
      this.part = part;
    }
  }

  /**
   * Of a file with at least one page.
   *
   * @param bytes about the largest piece
   */
  WholeRead(IndexedFile file, long bytes) {
    this.file = file;
    cut(0, file.index().count(), bytes);
  }

  private WholeRead(IndexedFile file) {
    this.file = file;
  }

  /**
   * Goes on with what was read before.
   *
   * @param parts of the same file
   * @param bytes about the largest piece of the rest
   * @return null if they do not fit the file
   */
  static @Nullable WholeRead resume(IndexedFile file, List<Part> parts, long bytes) {
    WholeRead read = new WholeRead(file);
    int end = 0;
    for (Part part : parts) {
      if (part.first < end || part.end <= part.first || part.end > file.index().count()) {
        return null;
      }
      read.cut(end, part.first, bytes);
      read.slots.add(new Slot(part.first, part.end, part));
      end = part.end;
    }
    read.cut(end, file.index().count(), bytes);
    return read;
  }

  private void cut(int from, int to, long bytes) {
    FrameIndex index = file.index();
    for (int first = from; first < to; first = slots.getLast().end) {
      int end = index.rankAtOffset(index.offset(first) + bytes);
      slots.add(new Slot(first, Math.min(Math.max(end, first + 1), to), null));
    }
  }

  IndexedFile file() {
    return file;
  }

  /** The pieces to be read, each to be begun anew. */
  synchronized List<Piece> missing() {
    List<Piece> missing = new ArrayList<>();
    for (Slot slot : slots) {
      if (slot.part == null) {
        missing.add(new Piece(slot));
      }
    }
    return missing;
  }

  /** Whether the piece with a frame has still to be read. */
  synchronized boolean isMissing(int rank) {
    int low = 0;
    int high = slots.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (slots.get(middle).first <= rank) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return slots.get(low).part == null;
  }

  /** The pieces that have been read, in their order. */
  synchronized List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    for (Slot slot : slots) {
      if (slot.part != null) {
        parts.add(slot.part);
      }
    }
    return parts;
  }

  /** Neighbouring frames, and what of the file lies beside them. Used by one thread at a time. */
  final class Piece {
    private final Slot slot;
    private final ChecksumPart sum = new ChecksumPart();

    /** Of the last piece: what the file says that its checksum is. */
    private final ByteBuffer fileChecksum = ByteBuffer.allocate(Long.BYTES);

    /** Bytes beside the frames that count and have not come yet. */
    private long counted;

    private Piece(Slot slot) {
      FrameIndex index = file.index();
      this.slot = slot;
      this.counted = slot.first == 0 ? index.offset(0) : 0;
      if (slot.end == index.count()) {
        counted += file.file().size() - index.framesEnd() - Long.BYTES;
      }
    }

    MissingRanges.Range range() {
      return new MissingRanges.Range(file, slot.first, slot.end, this);
    }

    void frame(byte[] frame, int offset, byte[] page, int pageOffset, int pageSize) {
      sum.frame(frame, offset, page, pageOffset, pageSize);
    }

    void beside(byte[] bytes, int offset, int length) {
      int count = (int) Math.min(counted, length);
      sum.bytes(bytes, offset, count);
      counted -= count;
      fileChecksum.put(bytes, offset + count, length - count);
    }

    /**
     * All of it is there.
     *
     * @return whether all of the file is, and is what its checksum says
     * @throws LtxException if it is, and is not
     */
    boolean end() throws LtxException {
      return ended(slot, new Part(slot.first, slot.end, sum.sum(), fileChecksum.getLong(0)));
    }
  }

  private synchronized boolean ended(Slot slot, Part part) throws LtxException {
    slot.part = part;
    List<Part> parts = parts();
    if (parts.size() < slots.size()) {
      return false;
    }
    List<ChecksumPart.Sum> sums = new ArrayList<>();
    for (Part p : parts) {
      sums.add(p.sum);
    }
    LtxTrailer.checkFile(parts.getLast().fileChecksum, ChecksumPart.join(sums));
    return true;
  }
}
