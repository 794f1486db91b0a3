package dev.rivulet.page;

import java.io.IOException;

/** Reads SQLite's table and index trees as SQLite does: page by page from the root. */
final class BTree {
  /** Where pages come from. */
  interface Pages {
    byte[] page(int pgno) throws IOException;
  }

  private final Pages pages;

  BTree(Pages pages) {
    this.pages = pages;
  }

  /** Whether a table has a row; reads the pages that lead to it. */
  boolean find(int root, long rowid) throws IOException {
    int pgno = root;
    while (true) {
      byte[] page = pages.page(pgno);
      int header = pgno == 1 ? 100 : 0;
      int cells = u16(page, header + 3);
      if (page[header] == 13) {
        for (int i = 0; i < cells; i++) {
          int cell = u16(page, header + 8 + 2 * i);
          if (varint(page, cell + length(page, cell)) == rowid) {
            return true;
          }
        }
        return false;
      }
      int next = i32(page, header + 8);
      for (int i = 0; i < cells; i++) {
        int cell = u16(page, header + 12 + 2 * i);
        if (rowid <= varint(page, cell + 4)) {
          next = i32(page, cell);
          break;
        }
      }
      pgno = next;
    }
  }

  /** Takes what an index names. */
  interface Rowids {
    void row(long rowid) throws IOException;
  }

  /**
   * Walks over an index's entries with a key, an integer in its first column, as SQLite does, and
   * names the row of each before it looks at the next one.
   */
  void entries(int root, long key, Rowids to) throws IOException {
    byte[] page = pages.page(root);
    boolean leaf = page[0] == IndexCells.LEAF;
    int[] children = leaf ? new int[0] : children(page, 0);
    int cells = u16(page, 3);
    for (int i = 0; i < cells; i++) {
      int cell = u16(page, (leaf ? 8 : 12) + 2 * i);
      RecordCursor entry = new RecordCursor(page, leaf ? cell : cell + 4);
      var _ = entry.varint();
      entry.record();
      long found = entry.integer();
      if (!leaf && found >= key) {
        entries(children[i], key, to);
      }
      if (found == key) {
        to.row(entry.integer());
      } else if (found > key) {
        return;
      }
    }
    if (!leaf) {
      entries(children[cells], key, to);
    }
  }

  /** How many cells the leaves of a tree have; reads all pages in key order. */
  long scan(int root) throws IOException {
    byte[] page = pages.page(root);
    int header = root == 1 ? 100 : 0;
    if (page[header] == 13 || page[header] == 10) {
      return u16(page, header + 3);
    }
    long cells = 0;
    for (int child : children(page, header)) {
      cells += scan(child);
    }
    return cells;
  }

  static int[] children(byte[] page, int header) {
    int cells = u16(page, header + 3);
    int[] children = new int[cells + 1];
    for (int i = 0; i < cells; i++) {
      children[i] = i32(page, u16(page, header + 12 + 2 * i));
    }
    children[cells] = i32(page, header + 8);
    return children;
  }

  private static int length(byte[] page, int at) {
    int n = 1;
    while (page[at + n - 1] < 0) {
      n++;
    }
    return n;
  }

  private static long varint(byte[] page, int at) {
    long value = 0;
    int i = at;
    do {
      value = value << 7 | page[i] & 0x7f;
    } while (page[i++] < 0);
    return value;
  }

  static int u16(byte[] b, int at) {
    return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
  }

  static int i32(byte[] b, int at) {
    return u16(b, at) << 16 | u16(b, at + 2);
  }
}
