package dev.rivulet.store;

/**
 * A range of an object's bytes.
 *
 * @param offset of the first byte, 0 or more
 * @param length 1 or more
 */
public record ByteRange(long offset, long length) {
  public ByteRange {
    if (offset < 0 || length < 1 || offset + length < 0) {
      throw new IllegalArgumentException("range of " + length + " bytes at " + offset);
    }
  }

  /** The offset after the last byte. */
  public long end() {
    return offset + length;
  }
}
