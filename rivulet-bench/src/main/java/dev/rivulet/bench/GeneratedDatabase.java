package dev.rivulet.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * A valid SQLite database that is computed page by page, so that one of 10 GB needs neither disk
 * nor SQLite: one table, {@code entries(id INTEGER PRIMARY KEY, value TEXT)}, of {@value
 * #ROWS_PER_LEAF} rows a leaf. Each row's value names its id and the transaction that last wrote
 * its leaf, and is filled up with dots: text that compresses well.
 *
 * <p>Pages lie in preorder: an interior page, then its children's subtrees from left to right. All
 * subtrees but the last are full, so a page's place in the tree follows from its number. The lock
 * page (the one at 1 GiB) is left out, as SQLite does.
 */
final class GeneratedDatabase {

  static final int PAGE_SIZE = 4096;
  static final int ROWS_PER_LEAF = 3;

  /** The page that holds the byte at 1 GiB, which SQLite locks and never uses. */
  private static final int LOCK_PAGE = (1 << 30) / PAGE_SIZE + 1;

  /**
   * Children of a full interior page. A cell is 4 bytes of page number, a key of at most 5, and 2
   * bytes of pointer: 340 of them fit into 4096 - 12 bytes.
   */
  static final int FAN_OUT = 340;

  private static final int ROOT = 2;
  private static final String SQL = "CREATE TABLE entries(id INTEGER PRIMARY KEY, value TEXT)";

  /**
   * Three of them, each with 10 bytes around it and a pointer of 2, fill a leaf but for 122 bytes.
   */
  private static final int VALUE = 1310;

  private final int leaves;
  private final int height;
  private final IntToLongFunction versions;

  /**
   * A database of so many leaves.
   *
   * @param leaves a multiple of the fan-out, so that no interior page has a single child
   * @param versions the transaction that last wrote a leaf, by the leaf's number from 0
   */
  GeneratedDatabase(int leaves, IntToLongFunction versions) {
    this.leaves = leaves;
    this.versions = versions;
    int levels = 1;
    for (long reach = FAN_OUT; reach < leaves; reach *= FAN_OUT) {
      levels++;
    }
    this.height = levels;
    if (leaves % FAN_OUT != 0 || (levels > 2 && leaves / FAN_OUT % FAN_OUT == 1)) {
      throw new IllegalArgumentException("No tree of " + leaves + " leaves");
    }
  }

  long rows() {
    return (long) leaves * ROWS_PER_LEAF;
  }

  /** Size in pages, the lock page among them. */
  int commit() {
    int used = 1 + pagesBelow(height, 0);
    return used < LOCK_PAGE ? used : used + 1;
  }

  static boolean isLockPage(int pgno) {
    return pgno == LOCK_PAGE;
  }

  /** Where a leaf lies. */
  int pgnoOfLeaf(int leaf) {
    int at = ROOT;
    for (int level = height; level > 0; level--) {
      long below = leavesBelow(level - 1);
      at += 1 + (int) (leaf % leavesBelow(level) / below) * fullSubtree(level - 1);
    }
    return pgno(at);
  }

  /** What a row's value is, as far as it says anything. */
  String value(long id) {
    int leaf = (int) ((id - 1) / ROWS_PER_LEAF);
    return "row %d of transaction %d".formatted(id, versions.applyAsLong(leaf));
  }

  /**
   * A page's content.
   *
   * @param pgno not the lock page
   * @param version of the database's header: the change counter
   */
  byte[] page(int pgno, long version) {
    ByteBuffer page = ByteBuffer.allocate(PAGE_SIZE);
    if (pgno == 1) {
      header(page, version);
      return page.array();
    }
    int place = (pgno > LOCK_PAGE ? pgno - 1 : pgno) - ROOT;
    int leaf = 0;
    int level = height;
    while (level > 0 && place > 0) {
      int child = (place - 1) / fullSubtree(level - 1);
      place -= 1 + child * fullSubtree(level - 1);
      leaf += child * leavesBelow(level - 1);
      level--;
    }
    if (level == 0) {
      leaf(page, leaf);
    } else {
      interior(page, level, leaf, pgno > LOCK_PAGE ? pgno - 1 : pgno);
    }
    return page.array();
  }

  private static int pgno(int ordinal) {
    return ordinal < LOCK_PAGE ? ordinal : ordinal + 1;
  }

  private static int leavesBelow(int level) {
    int count = 1;
    for (int i = 0; i < level; i++) {
      count *= FAN_OUT;
    }
    return count;
  }

  /** Pages of a full subtree whose top has this level; leaves have level 0. */
  private static int fullSubtree(int level) {
    int pages = 1;
    for (int i = 0; i < level; i++) {
      pages = 1 + FAN_OUT * pages;
    }
    return pages;
  }

  /**
   * Pages of the subtree of this level that begins with this leaf, the last of which is not full.
   */
  private int pagesBelow(int level, int firstLeaf) {
    int pages = 0;
    int count = Math.min(leavesBelow(level), leaves - firstLeaf);
    for (int l = 0; l <= level; l++) {
      pages += Math.ceilDiv(count, leavesBelow(l));
    }
    return pages;
  }

  private void leaf(ByteBuffer page, int leaf) {
    int end = PAGE_SIZE;
    for (int i = 0; i < ROWS_PER_LEAF; i++) {
      long id = (long) leaf * ROWS_PER_LEAF + i + 1;
      byte[] value = new byte[VALUE];
      Arrays.fill(value, (byte) '.');
      byte[] said = value(id).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(said, 0, value, 0, said.length);
      byte[] cell = new RecordBuilder().nothing().text(value).cell(id);
      end -= cell.length;
      page.put(end, cell);
      page.putShort(8 + 2 * i, (short) end);
    }
    pageHeader(page, 0, 0x0d, ROWS_PER_LEAF, end);
  }

  private void interior(ByteBuffer page, int level, int firstLeaf, int ordinal) {
    int below = leavesBelow(level - 1);
    int children = Math.ceilDiv(Math.min(leavesBelow(level), leaves - firstLeaf), below);
    int end = PAGE_SIZE;
    for (int i = 0; i < children; i++) {
      int child = pgno(ordinal + 1 + i * fullSubtree(level - 1));
      if (i == children - 1) {
        page.putInt(8, child);
      } else {
        byte[] key = RecordBuilder.varint((firstLeaf + (i + 1L) * below) * ROWS_PER_LEAF);
        end -= 4 + key.length;
        page.putInt(end, child);
        page.put(end + 4, key);
        page.putShort(12 + 2 * i, (short) end);
      }
    }
    pageHeader(page, 0, 0x05, children - 1, end);
  }

  /** The database header (sqlite.org/fileformat2.html, 1.3) and the schema's one row. */
  private void header(ByteBuffer page, long version) {
    page.put(0, "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII));
    page.putShort(16, (short) PAGE_SIZE);
    page.put(18, (byte) 1).put(19, (byte) 1);
    page.put(21, (byte) 64).put(22, (byte) 32).put(23, (byte) 32);
    page.putInt(24, (int) version);
    page.putInt(28, commit());
    page.putInt(40, 1); // schema cookie
    page.putInt(44, 4); // schema format
    page.putInt(56, 1); // UTF-8
    page.putInt(92, (int) version);
    page.putInt(96, 3_040_001);
    byte[] cell =
        new RecordBuilder()
            .text("table")
            .text("entries")
            .text("entries")
            .number((byte) ROOT)
            .text(SQL)
            .cell(1);
    int end = PAGE_SIZE - cell.length;
    page.put(end, cell);
    page.putShort(108, (short) end);
    pageHeader(page, 100, 0x0d, 1, end);
  }

  private static void pageHeader(ByteBuffer page, int at, int type, int cells, int content) {
    page.put(at, (byte) type);
    page.putShort(at + 3, (short) cells);
    page.putShort(at + 5, (short) content);
  }
}
