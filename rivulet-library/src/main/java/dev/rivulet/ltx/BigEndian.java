package dev.rivulet.ltx;

/**
 * The integers of LTX headers, which are big-endian.
 *
 * <p>Plain shifts: they need no method handle, whose first use costs milliseconds of an embedded
 * JVM's start.
 */
final class BigEndian {
  private BigEndian() {}

  static int getShort(byte[] from, int offset) {
    return (from[offset] & 0xff) << 8 | (from[offset + 1] & 0xff);
  }

  static int getInt(byte[] from, int offset) {
    return getShort(from, offset) << 16 | getShort(from, offset + 2);
  }

  static long getLong(byte[] from, int offset) {
    return (long) getInt(from, offset) << 32 | (getInt(from, offset + 4) & 0xffffffffL);
  }

  static void putShort(byte[] to, int offset, int value) {
    to[offset] = (byte) (value >>> 8);
    to[offset + 1] = (byte) value;
  }

  static void putInt(byte[] to, int offset, int value) {
    putShort(to, offset, value >>> 16);
    putShort(to, offset + 2, value);
  }

  static void putLong(byte[] to, int offset, long value) {
    putInt(to, offset, (int) (value >>> 32));
    putInt(to, offset + 4, (int) value);
  }
}
