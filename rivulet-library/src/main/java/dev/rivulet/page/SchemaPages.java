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
    RecordCursor c = new RecordCursor(page, cell);
    c.varint(); // payload length
    c.varint(); // rowid
    c.record();
    for (int i = 0; i < COLUMNS_BEFORE_ROOT; i++) {
      c.skip();
    }
    long root = c.integer();
    return c.failed() || root > Integer.MAX_VALUE || root < 0 ? 0 : (int) root;
  }

  private static int u16(byte[] b, int at) {
    return at + 2 > b.length ? 0 : (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
  }
}
