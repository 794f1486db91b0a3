package dev.rivulet.page;

/**
 * Finds the root pages that a page of {@code sqlite_schema} names (SQLite file format, sections 1.6
 * and 2.1), so that they can be fetched before the first statement needs one of them. Pure; a
 * damaged page gives fewer roots, never an exception.
 */
final class SchemaPages {
  private static final int LEAF = 13;
  private static final int LEAF_HEADER = 8;

  /** sqlite_schema's columns before rootpage: type, name, tbl_name. */
  private static final int COLUMNS_BEFORE_ROOT = 3;

  private SchemaPages() {}

  /** The roots named on a leaf page of the schema, at most {@code limit}. */
  static int[] roots(byte[] page, int header, int limit) {
    int[] roots = new int[limit];
    int found = 0;
    if (page[header] != LEAF) {
      return new int[0];
    }
    int cells = u16(page, header + 3);
    for (int i = 0; i < cells && found < limit; i++) {
      int pointer = header + LEAF_HEADER + 2 * i;
      if (pointer + 2 > page.length) {
        break;
      }
      int root = root(page, u16(page, pointer));
      if (root > 1) {
        roots[found++] = root;
      }
    }
    return java.util.Arrays.copyOf(roots, found);
  }

  /** The root in one cell, or 0. */
  private static int root(byte[] page, int cell) {
    Cursor c = new Cursor(page, cell);
    c.varint(); // payload length
    c.varint(); // rowid
    int recordAt = c.at;
    long headerLength = c.varint();
    if (headerLength < 0 || headerLength > page.length) {
      return 0; // also keeps the sums below from overflowing
    }
    long body = recordAt + headerLength;
    for (int i = 0; i < COLUMNS_BEFORE_ROOT; i++) {
      body += length(c.varint());
    }
    int width = length(c.varint());
    if (c.failed || width > 4 || body < 0 || body + width > page.length) {
      return 0;
    }
    int root = 0;
    for (int i = 0; i < width; i++) {
      root = root << 8 | page[(int) body + i] & 0xff;
    }
    return root;
  }

  /** The length of a value by its serial type. */
  private static int length(long type) {
    if (type >= 12) {
      return (int) Math.min((type - 12) / 2, Short.MAX_VALUE * 4L);
    }
    return switch ((int) type) {
      case 1 -> 1;
      case 2 -> 2;
      case 3 -> 3;
      case 4 -> 4;
      case 5 -> 6;
      case 6, 7 -> 8;
      default -> 0;
    };
  }

  private static int u16(byte[] b, int at) {
    return at + 2 > b.length ? 0 : (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
  }

  /** Reads SQLite's varints: big-endian, seven bits a byte, the ninth byte whole. */
  private static final class Cursor {
    private final byte[] bytes;
    private int at;
    private boolean failed;

    Cursor(byte[] bytes, int at) {
      this.bytes = bytes;
      this.at = at;
    }

    long varint() {
      long value = 0;
      for (int i = 0; i < 9; i++) {
        if (at < 0 || at >= bytes.length) {
          failed = true;
          return 0;
        }
        byte b = bytes[at++];
        if (i == 8) {
          return value << 8 | b & 0xff;
        }
        value = value << 7 | b & 0x7f;
        if (b >= 0) {
          return value;
        }
      }
      return value;
    }
  }
}
