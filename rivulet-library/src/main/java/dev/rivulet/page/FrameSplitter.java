package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;

/**
 * Cuts the bytes of neighbouring frames, as they arrive, into frames. What the end of a network
 * read cuts is carried over in one small buffer. Not thread-safe.
 */
final class FrameSplitter {
  private final FrameIndex index;
  private final int end;
  private final FrameSink sink;
  private byte[] carry = new byte[0];
  private int carried;
  private int rank;

  /** The frames from the rank {@code first} on, up to but not including {@code end}. */
  FrameSplitter(FrameIndex index, int first, int end, FrameSink sink) {
    this.index = index;
    this.rank = first;
    this.end = end;
    this.sink = sink;
  }

  /** The first frame that has not come whole. */
  int rank() {
    return rank;
  }

  /** Takes the next bytes. */
  void accept(byte[] bytes, int offset, int length) {
    int at = offset;
    int stop = offset + length;
    while (at < stop && rank < end) {
      int size = index.size(rank);
      if (carried == 0 && stop - at >= size) {
        sink.frame(rank++, bytes, at);
        at += size;
        continue;
      }
      if (carry.length < size) {
        carry = carried == 0 ? new byte[size] : java.util.Arrays.copyOf(carry, size);
      }
      int take = Math.min(size - carried, stop - at);
      System.arraycopy(bytes, at, carry, carried, take);
      carried += take;
      at += take;
      if (carried == size) {
        carried = 0;
        sink.frame(rank++, carry, 0);
      }
    }
  }
}
