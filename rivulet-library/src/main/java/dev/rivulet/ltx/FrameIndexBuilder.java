package dev.rivulet.ltx;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Collects a {@link FrameIndex}, frame by frame. Memory grows with the frames really added. */
final class FrameIndexBuilder {
  private static final int MIN_CAPACITY = 64;

  /** The longest array that every JVM can make. */
  private static final int MAX_CAPACITY = Integer.MAX_VALUE - 8;

  private final int lockPage;
  private long expectedCount = Long.MAX_VALUE;
  private int capacity = MIN_CAPACITY;
  private int count;
  private int firstPgno;
  private int nextPgno;
  private int @Nullable [] pgnos;
  private long[] blockOffsets = new long[MIN_CAPACITY >> FrameIndex.BLOCK_SHIFT];
  private char @Nullable [] smallSizes;
  private int @Nullable [] largeSizes;
  private long framesEnd = LtxHeader.SIZE;

  FrameIndexBuilder(int pageSize) {
    this.lockPage = PageSize.lockPage(pageSize);
    if (Frames.maxSize(pageSize) <= Character.MAX_VALUE) {
      smallSizes = new char[MIN_CAPACITY];
    } else {
      largeSizes = new int[MIN_CAPACITY];
    }
  }

  /**
   * About how many frames there will be. It may be a lie: it only keeps doubling from overshooting.
   */
  void expect(long frames) {
    expectedCount = frames;
  }

  int count() {
    return count;
  }

  /** Where the next frame begins. */
  long framesEnd() {
    return framesEnd;
  }

  /** Adds a frame of a page with a higher number than the one before; the caller has checked. */
  void add(int pgno, int size) {
    if (count == capacity) {
      grow();
    }
    if (pgnos != null) {
      pgnos[count] = pgno;
    } else if (pgno != nextPgno) {
      leaveRun(pgno);
    }
    nextPgno = PageOrder.following(pgno, lockPage);
    if ((count & FrameIndex.BLOCK_MASK) == 0) {
      blockOffsets[count >> FrameIndex.BLOCK_SHIFT] = framesEnd;
    }
    if (smallSizes != null) {
      smallSizes[count] = (char) size;
    } else {
      Objects.requireNonNull(largeSizes)[count] = size;
    }
    framesEnd += size;
    count++;
  }

  private void leaveRun(int pgno) {
    if (count == 0) {
      firstPgno = pgno;
      return;
    }
    int[] numbers = new int[capacity];
    for (int i = 0, p = firstPgno; i < count; i++, p = PageOrder.following(p, lockPage)) {
      numbers[i] = p;
    }
    numbers[count] = pgno;
    pgnos = numbers;
  }

  private void grow() {
    long wanted = Math.min(2L * capacity, Math.max(expectedCount, capacity + (capacity >> 3)));
    // Whole blocks, so that the offsets grow in step.
    long blocks = (wanted + FrameIndex.BLOCK_MASK) >> FrameIndex.BLOCK_SHIFT;
    resize((int) Math.min(blocks << FrameIndex.BLOCK_SHIFT, MAX_CAPACITY));
  }

  private void resize(int newCapacity) {
    capacity = newCapacity;
    int blocks = (int) (((long) newCapacity + FrameIndex.BLOCK_MASK) >> FrameIndex.BLOCK_SHIFT);
    blockOffsets = Arrays.copyOf(blockOffsets, blocks);
    if (pgnos != null) {
      pgnos = Arrays.copyOf(pgnos, newCapacity);
    }
    if (smallSizes != null) {
      smallSizes = Arrays.copyOf(smallSizes, newCapacity);
    } else {
      largeSizes = Arrays.copyOf(Objects.requireNonNull(largeSizes), newCapacity);
    }
  }

  /** The index of all frames so far. The builder must not be used after that. */
  FrameIndex build() {
    if (count < capacity) {
      resize(count);
    }
    return new FrameIndex(
        count, lockPage, firstPgno, pgnos, blockOffsets, smallSizes, largeSizes, framesEnd);
  }
}
