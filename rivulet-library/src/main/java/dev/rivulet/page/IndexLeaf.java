package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;
import java.util.Arrays;

/**
 * The index page that a reader looked at last, and the rowids of its entries: what a statement that
 * goes by an index will look up next, in this order.
 *
 * <p>Noting a page only copies it; it is taken apart when a lookup in a table asks.
 */
final class IndexLeaf {
  private byte[] page = new byte[0];
  private long[] rowids = new long[0];
  private long[] keys = new long[0];
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

  /** By position: the first column, as {@link RecordCursor#digest} has it. */
  long key(int entry) {
    return keys[entry];
  }

  /** Whether an entry has an integer as its key, in an index whose keys are integers. */
  boolean hasKey(long integer) {
    return Arrays.binarySearch(keys, 0, count(), integer) >= 0;
  }

  private void parse() {
    if (parsed) {
      return;
    }
    parsed = true;
    IndexCells cells = new IndexCells(page);
    if (rowids.length < cells.count()) {
      rowids = new long[cells.count()];
      keys = new long[cells.count()];
    }
    for (int i = 0; i < cells.count(); i++) {
      if (cells.read(i)) {
        keys[count] = cells.key();
        rowids[count++] = cells.rowid();
      }
    }
  }
}
