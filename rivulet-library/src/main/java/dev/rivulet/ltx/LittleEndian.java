package dev.rivulet.ltx;

/** The integers of LZ4 frames, which are little-endian. */
final class LittleEndian {
  private LittleEndian() {}

  static int getInt(byte[] from, int offset) {
    return Integer.reverseBytes(BigEndian.getInt(from, offset));
  }

  static long getLong(byte[] from, int offset) {
    return Long.reverseBytes(BigEndian.getLong(from, offset));
  }
}
