package dev.rivulet.ltx;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which pages a file holds, and where: its page index, in memory.
 *
 * <p>A page's place in the index is its <em>rank</em>, from 0 on, in ascending order of page
 * numbers, which is also the order of the frames in the file. Frames follow each other without a
 * gap from the end of the header on, so sizes are enough, and every 64th offset saves adding up all
 * of them. Page numbers are stored only where they are not a run. The index of a whole database
 * therefore costs a little over 2 bytes a page (4 where pages have 64 KiB).
 *
 * <p>Immutable and thread-safe; no method allocates.
 */
public final class FrameIndex {
  /** Frames a block: adding up at most 63 sizes costs less than a cache miss. */
  static final int BLOCK_SHIFT = 6;

  static final int BLOCK_MASK = (1 << BLOCK_SHIFT) - 1;

  private static final int ARRAY_HEADER = 16;

  private final int count;
  private final int lockPage;
  private final int firstPgno;
  private final int @Nullable [] pgnos;
  private final long[] blockOffsets;
  private final char @Nullable [] smallSizes;
  private final int @Nullable [] largeSizes;
  private final long framesEnd;

  /** Takes over all arrays; exactly one of those with sizes is there. */
  FrameIndex(
      int count,
      int lockPage,
      int firstPgno,
      int @Nullable [] pgnos,
      long[] blockOffsets,
      char @Nullable [] smallSizes,
      int @Nullable [] largeSizes,
      long framesEnd) {
    this.count = count;
    this.lockPage = lockPage;
    this.firstPgno = firstPgno;
    this.pgnos = pgnos;
    this.blockOffsets = blockOffsets;
    this.smallSizes = smallSizes;
    this.largeSizes = largeSizes;
    this.framesEnd = framesEnd;
  }

  /** Number of pages. */
  public int count() {
    return count;
  }

  /** The rank of a page, or -1 if the file does not hold it. */
  public int rank(int pgno) {
    if (pgnos != null) {
      return Math.max(-1, Arrays.binarySearch(pgnos, pgno));
    }
    if (pgno < firstPgno || pgno == lockPage) {
      return -1;
    }
    int rank = pgno - firstPgno;
    if (firstPgno < lockPage && lockPage < pgno) {
      rank--;
    }
    return rank < count ? rank : -1;
  }

  /** The page number at a rank. */
  public int pgno(int rank) {
    Objects.checkIndex(rank, count);
    if (pgnos != null) {
      return pgnos[rank];
    }
    int pgno = firstPgno + rank;
    return firstPgno < lockPage && lockPage <= pgno ? pgno + 1 : pgno;
  }

  /** File offset of the frame at a rank. */
  public long offset(int rank) {
    Objects.checkIndex(rank, count);
    long offset = blockOffsets[rank >> BLOCK_SHIFT];
    for (int i = rank & ~BLOCK_MASK; i < rank; i++) {
      offset += sizeAt(i);
    }
    return offset;
  }

  /** Bytes of the frame at a rank, its header included. */
  public int size(int rank) {
    Objects.checkIndex(rank, count);
    return sizeAt(rank);
  }

  private int sizeAt(int rank) {
    return smallSizes != null ? smallSizes[rank] : Objects.requireNonNull(largeSizes)[rank];
  }

  /**
   * The rank of the frame that holds the byte at a file offset, or else of the first one after it;
   * {@link #count} if there is none.
   */
  public int rankAtOffset(long fileOffset) {
    if (count == 0 || fileOffset >= framesEnd) {
      return count;
    }
    int found = Arrays.binarySearch(blockOffsets, fileOffset);
    int block = found >= 0 ? found : Math.max(0, -found - 2);
    int rank = block << BLOCK_SHIFT;
    long end = blockOffsets[block] + sizeAt(rank);
    while (end <= fileOffset) {
      end += sizeAt(++rank);
    }
    return rank;
  }

  /** File offset of the first byte after the last frame: where the end marker begins. */
  public long framesEnd() {
    return framesEnd;
  }

  /** What the arrays take in memory. */
  public long memoryBytes() {
    long bytes = ARRAY_HEADER + (long) blockOffsets.length * Long.BYTES;
    if (pgnos != null) {
      bytes += ARRAY_HEADER + (long) pgnos.length * Integer.BYTES;
    }
    return bytes
        + ARRAY_HEADER
        + (long) count * (smallSizes != null ? Character.BYTES : Integer.BYTES);
  }

  /**
   * Compares a file's page index with where its frames are.
   *
   * @throws LtxException {@code INDEX} if it says something else
   */
  public void checkIs(FrameIndex frames) throws LtxException {
    int difference = firstDifference(frames);
    if (difference >= 0) {
      throw new LtxException(
          LtxException.Kind.INDEX,
          "the page index is invalid: entry %d is not frame %1$d".formatted(difference));
    }
  }

  /** The first rank at which two indexes differ, or -1 if they are the same. */
  int firstDifference(FrameIndex other) {
    int common = Math.min(count, other.count);
    for (int rank = 0; rank < common; rank++) {
      if (pgno(rank) != other.pgno(rank) || sizeAt(rank) != other.sizeAt(rank)) {
        return rank;
      }
    }
    return count == other.count ? -1 : common;
  }
}
