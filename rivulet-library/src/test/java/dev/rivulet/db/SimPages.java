package dev.rivulet.db;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What is in a simulated page: who wrote it, and nothing else, so that any page that is read tells
 * which transaction of which history it is of.
 */
final class SimPages {
  static final int SIZE = 512;

  /** Before and after: both ends of a page must be of the same version. */
  private static final int HEAD = 40;

  private static final int TAIL = SIZE - 20;

  /** What the VFS presents in its own way: journal versions, change counter, size, its validity. */
  private static final int[] PRESENTED = {18, 19, 24, 25, 26, 27, 28, 29, 30, 31, 92, 93, 94, 95};

  private SimPages() {}

  /** Fills an array with a page; {@code version} as {@link SimLineage#version} gives it. */
  static void fill(byte[] page, int pgno, long version) {
    // Compresses to a length that depends on the version, so that frames lie elsewhere in each.
    Arrays.fill(page, (byte) (0x80 | version));
    int noise = (int) ((version * 31 + pgno) % 60);
    for (int i = 0; i < noise; i++) {
      page[100 + i] = (byte) (0x80 | i * 37 + pgno);
    }
    write(page, HEAD, pgno, version);
    write(page, TAIL, pgno, version);
  }

  private static void write(byte[] page, int at, int pgno, long version) {
    ByteBuffer.wrap(page, at, 12).putInt(pgno).putLong(version);
  }

  /** Makes page 1 comparable: the bytes that are the reader's are set to zero. */
  static void plain(byte[] page) {
    for (int at : PRESENTED) {
      page[at] = 0;
    }
  }

  /** What a page says of itself, for a person. */
  static String describe(byte[] page) {
    return describe(page, HEAD) + " / " + describe(page, TAIL);
  }

  private static String describe(byte[] page, int at) {
    ByteBuffer b = ByteBuffer.wrap(page, at, 12);
    return "page " + b.getInt() + " of " + version(b.getLong());
  }

  static String version(long version) {
    return "history "
        + (version >>> SimLineage.TXID_BITS)
        + " TXID "
        + (version & (1L << SimLineage.TXID_BITS) - 1);
  }
}
