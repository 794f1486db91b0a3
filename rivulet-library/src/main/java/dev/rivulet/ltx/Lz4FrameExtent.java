package dev.rivulet.ltx;

/**
 * Finds where an LZ4 frame ends while its bytes still arrive: the format states its length nowhere,
 * and not one byte after it may be taken.
 */
final class Lz4FrameExtent {
  /** Bytes that the frame is known to have. */
  private long size;

  /** Where the next block's size field begins; 0 while the header's length is not known. */
  private long nextField;

  private boolean ended;

  Lz4FrameExtent() {
    reset();
  }

  /** Forgets the last frame. */
  void reset() {
    size = Lz4Frame.DESCRIPTOR_END;
    nextField = 0;
    ended = false;
  }

  /**
   * The length of the frame, if it is not above {@code available}; else how many bytes must be
   * there to tell more.
   *
   * @param offset where the frame begins
   * @param available how many bytes of it are there; as many or more than in the call before
   */
  long size(byte[] bytes, int offset, int available) {
    while (!ended && size <= available) {
      int flags = bytes[offset + Lz4Frame.FLAGS_OFFSET];
      if (nextField == 0) {
        nextField = Lz4Frame.headerSize(flags);
      } else {
        int field = LittleEndian.getInt(bytes, offset + (int) nextField);
        if (field == 0) {
          ended = true;
          size += Lz4Frame.footerSize(flags);
          break;
        }
        nextField = size + Lz4Frame.blockSize(flags, field);
      }
      size = nextField + Integer.BYTES;
    }
    return size;
  }
}
