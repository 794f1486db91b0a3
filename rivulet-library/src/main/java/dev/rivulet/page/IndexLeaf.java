package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;

/**
 * The index page that a reader looked at last, and the rowids of its entries: what a statement that
 * goes by an index will look up next, in this order.
 *
 * <p>Noting a page only copies it; it is taken apart when a lookup in a table asks.
 */
final class IndexLeaf {
  /** The first byte of an index's leaf (SQLite file format, section 1.6). */
  static final int TYPE = 10;

  private static final int HEADER = 8;

  private byte[] page = new byte[0];
  private long[] rowids = new long[0];
  private int count;
  private boolean parsed;

  /** Entries before this were looked up already. */
  private int next;

  void note(long address, int pageSize) {
    if (page.length != pageSize) {
      page = new byte[pageSize];
    }
    NativeMemory.read(address, page, 0, pageSize);
    parsed = false;
    next = 0;
    count = 0;
  }

  boolean isNoted() {
    return page.length > 0;
  }

  /** How many entries have a rowid that can be read. */
  int count() {
    parse();
    return count;
  }

  /** The entry after those that were looked up. */
  int next() {
    return next;
  }

  void setNext(int entry) {
    next = entry;
  }

  /** By position. */
  long rowid(int entry) {
    return rowids[entry];
  }

  private void parse() {
    if (parsed) {
      return;
    }
    parsed = true;
    int cells = u16(3);
    if (rowids.length < cells) {
      rowids = new long[Math.min(cells, page.length)];
    }
    for (int i = 0; i < cells && HEADER + 2 * i + 2 <= page.length && count < rowids.length; i++) {
      RecordCursor c = new RecordCursor(page, u16(HEADER + 2 * i));
      long payload = c.varint();
      if (payload > page.length / 4) {
        continue; // the rowid may lie on an overflow page
      }
      c.record();
      long rowid = 0;
      boolean any = false;
      while (c.hasColumn()) {
        any = true;
        rowid = c.lastOrSkip();
      }
      if (any && !c.failed()) {
        rowids[count++] = rowid;
      }
    }
  }

  private int u16(int at) {
    return (page[at] & 0xff) << 8 | page[at + 1] & 0xff;
  }
}
