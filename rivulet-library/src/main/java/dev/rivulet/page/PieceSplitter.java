package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.store.ByteSink;

/**
 * Cuts bytes of a file, as they arrive, into what comes before the frames, the frames, and what
 * follows them. Not thread-safe.
 */
final class PieceSplitter implements ByteSink {
  private final FrameSink sink;
  private final FrameSplitter frames;
  private long before;
  private long inFrames;

  /**
   * Of the frames from the rank {@code first} on, up to but not including {@code end}.
   *
   * @param from where in the file the bytes begin: not after the first frame
   */
  PieceSplitter(FrameIndex index, int first, int end, long from, FrameSink sink) {
    this.sink = sink;
    this.frames = new FrameSplitter(index, first, end, sink);
    this.before = index.offset(first) - from;
    this.inFrames = index.offset(end - 1) + index.size(end - 1) - index.offset(first);
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) {
    int header = (int) Math.min(before, length);
    before -= header;
    beside(bytes, offset, header);
    int framed = (int) Math.min(inFrames, length - header);
    inFrames -= framed;
    frames.accept(bytes, offset + header, framed);
    beside(bytes, offset + header + framed, length - header - framed);
  }

  private void beside(byte[] bytes, int offset, int length) {
    if (length > 0) {
      sink.beside(bytes, offset, length);
    }
  }
}
