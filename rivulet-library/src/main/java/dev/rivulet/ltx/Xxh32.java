package dev.rivulet.ltx;

/** XXH32 with seed 0: the checksum inside LZ4 frames. */
final class Xxh32 {
  private static final int PRIME1 = 0x9E3779B1;
  private static final int PRIME2 = 0x85EBCA77;
  private static final int PRIME3 = 0xC2B2AE3D;
  private static final int PRIME4 = 0x27D4EB2F;
  private static final int PRIME5 = 0x165667B1;

  /** Modulo 2^32, which the compiler would take for a mistake. */
  private static final int PRIME1_PLUS_PRIME2 = 0x24234428;

  private Xxh32() {}

  static int hash(byte[] bytes, int offset, int length) {
    int at = offset;
    int end = offset + length;
    int hash;
    if (length >= 16) {
      int a = PRIME1_PLUS_PRIME2;
      int b = PRIME2;
      int c = 0;
      int d = -PRIME1;
      for (; at <= end - 16; at += 16) {
        a = round(a, bytes, at);
        b = round(b, bytes, at + 4);
        c = round(c, bytes, at + 8);
        d = round(d, bytes, at + 12);
      }
      hash =
          Integer.rotateLeft(a, 1)
              + Integer.rotateLeft(b, 7)
              + Integer.rotateLeft(c, 12)
              + Integer.rotateLeft(d, 18);
    } else {
      hash = PRIME5;
    }
    hash += length;
    for (; at <= end - 4; at += 4) {
      hash += LittleEndian.getInt(bytes, at) * PRIME3;
      hash = Integer.rotateLeft(hash, 17) * PRIME4;
    }
    for (; at < end; at++) {
      hash += (bytes[at] & 0xff) * PRIME5;
      hash = Integer.rotateLeft(hash, 11) * PRIME1;
    }
    hash = (hash ^ hash >>> 15) * PRIME2;
    hash = (hash ^ hash >>> 13) * PRIME3;
    return hash ^ hash >>> 16;
  }

  private static int round(int lane, byte[] bytes, int at) {
    return Integer.rotateLeft(lane + LittleEndian.getInt(bytes, at) * PRIME2, 13) * PRIME1;
  }
}
