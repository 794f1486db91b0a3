package dev.rivulet.natives;

import java.util.Objects;

/**
 * LZ4 blocks (no frame, no size) by liblz4, which is linked into the native library.
 *
 * <p>Decoding checks every bound: a damaged block gives {@code -1}, never a byte outside the
 * target. Stateless and thread-safe.
 */
public final class Lz4 {
  static {
    NativeLibrary.load();
  }

  private Lz4() {}

  /** The most bytes that {@link #encode} can need for {@code length} bytes (LZ4_compressBound). */
  public static int bound(int length) {
    return length + length / 255 + 16;
  }

  /**
   * Decodes one block into memory.
   *
   * @return the decoded length, at most {@code capacity}; negative if the block is damaged or
   *     longer
   */
  public static int decode(byte[] from, int offset, int length, long to, int capacity) {
    Objects.checkFromIndexSize(offset, length, from.length);
    if (capacity < 0) {
      throw new IndexOutOfBoundsException("capacity " + capacity);
    }
    return decodeToMemory0(from, offset, length, to, capacity);
  }

  /** Decodes one block into an array; the result is as for the other {@code decode}. */
  public static int decode(
      byte[] from, int offset, int length, byte[] to, int toOffset, int capacity) {
    Objects.checkFromIndexSize(offset, length, from.length);
    Objects.checkFromIndexSize(toOffset, capacity, to.length);
    return decode0(from, offset, length, to, toOffset, capacity);
  }

  /**
   * Decodes one block that may refer to what stands before it.
   *
   * @param history how many bytes before {@code toOffset} it may refer to
   * @return as for {@link #decode}
   */
  public static int decodeLinked(
      byte[] from, int offset, int length, byte[] to, int toOffset, int capacity, int history) {
    Objects.checkFromIndexSize(offset, length, from.length);
    Objects.checkFromIndexSize(toOffset, capacity, to.length);
    Objects.checkFromIndexSize(toOffset - history, history, to.length);
    return decodeLinked0(from, offset, length, to, toOffset, capacity, history);
  }

  /**
   * Encodes one block.
   *
   * @return its length, or 0 if {@code capacity} is too small
   */
  public static int encode(
      byte[] from, int offset, int length, byte[] to, int toOffset, int capacity) {
    Objects.checkFromIndexSize(offset, length, from.length);
    Objects.checkFromIndexSize(toOffset, capacity, to.length);
    return encode0(from, offset, length, to, toOffset, capacity);
  }

  private static native int decodeToMemory0(
      byte[] from, int offset, int length, long to, int capacity);

  private static native int decode0(
      byte[] from, int offset, int length, byte[] to, int toOffset, int capacity);

  private static native int decodeLinked0(
      byte[] from, int offset, int length, byte[] to, int toOffset, int capacity, int history);

  private static native int encode0(
      byte[] from, int offset, int length, byte[] to, int toOffset, int capacity);
}
