package dev.rivulet.page;

/**
 * The cells of a page of an index, read one by one (SQLite file format, sections 1.6 and 2.1).
 * Pure; a damaged page gives wrong numbers or none, never an exception. Not thread-safe.
 */
final class IndexCells {
  /** The first byte of an index's leaf, and of its interior pages. */
  static final int LEAF = 10;

  static final int INTERIOR = 2;

  private static final int LEAF_HEADER = 8;
  private static final int INTERIOR_HEADER = 12;
  private static final int CHILD = 4;

  /** Where an interior page has the last of its children. */
  private static final int LAST_CHILD = 8;

  private final byte[] page;
  private final boolean leaf;
  private final int header;
  private final int count;

  private long key;
  private long rowid;

  IndexCells(byte[] page) {
    this.page = page;
    leaf = page[0] == LEAF;
    header = leaf ? LEAF_HEADER : INTERIOR_HEADER;
    count = leaf || page[0] == INTERIOR ? Math.min(u16(3), (page.length - header) / 2) : 0;
  }

  int count() {
    return count;
  }

  /** Reads an entry; false if its rowid cannot be known. Its key may be known even so. */
  boolean read(int entry) {
    key = 0;
    rowid = 0;
    RecordCursor c = new RecordCursor(page, u16(header + 2 * entry) + (leaf ? 0 : CHILD));
    long payload = c.varint();
    c.record();
    if (!c.hasColumn()) {
      return false;
    }
    key = c.digest();
    boolean any = false;
    while (c.hasColumn()) {
      any = true;
      rowid = c.lastOrSkip();
    }
    // Of a longer one the rowid may lie on an overflow page.
    return any && !c.failed() && payload <= page.length / 4;
  }

  /** Of the entry read last: its first column, as {@link RecordCursor#digest} has it. */
  long key() {
    return key;
  }

  /** Of the entry read last: the row that it leads to. */
  long rowid() {
    return rowid;
  }

  /**
   * The first entry whose key is not less than an integer, in an index whose keys are integers;
   * {@link #count} if there is none.
   */
  int lowerBound(long integer) {
    int low = 0;
    int high = count;
    while (low < high) {
      int middle = (low + high) >>> 1;
      var unused = read(middle);
      if (key < integer) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The page below an interior page that has the entries from {@link #lowerBound} on. */
  int child(int entry) {
    int at = entry == count ? LAST_CHILD : u16(header + 2 * entry);
    return at + CHILD > page.length ? 0 : u16(at) << 16 | u16(at + 2);
  }

  private int u16(int at) {
    return (page[at] & 0xff) << 8 | page[at + 1] & 0xff;
  }
}
