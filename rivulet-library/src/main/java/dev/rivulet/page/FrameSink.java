package dev.rivulet.page;

/** Takes frames of one file as they arrive, in the file's order. Called by one thread at a time. */
public interface FrameSink {
  /**
   * One frame.
   *
   * @param rank its place in the file's index
   * @param bytes has the frame whole, from {@code offset} on, and only during this call
   */
  void frame(int rank, byte[] bytes, int offset);

  /** Bytes of the file that belong to no frame: the header, or what follows the last frame. */
  default void beside(byte[] bytes, int offset, int length) {}
}
