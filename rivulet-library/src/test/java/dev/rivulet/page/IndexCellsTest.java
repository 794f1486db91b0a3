package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.SqliteFiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IndexCellsTest {
  private static final int PAGE = 1024;
  private static final int ROWS = 5_000;

  private static final SqliteFiles.Database DATABASE =
      SqliteFiles.make(
          PAGE,
          "CREATE TABLE t (id INTEGER PRIMARY KEY, k, word TEXT)",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                  .formatted(ROWS)
              + " INSERT INTO t SELECT i, i / 3 * 1000 - 900000, 'word ' || i FROM n",
          "CREATE INDEX by_k ON t (k, word)",
          "CREATE INDEX by_word ON t (word)");

  private static byte[] page(int pgno) {
    return Arrays.copyOfRange(DATABASE.bytes(), (pgno - 1) * PAGE, pgno * PAGE);
  }

  /** The leaf that has the first entry of a key, found by child pages. */
  private static IndexCells leaf(int root, long key) {
    IndexCells cells = new IndexCells(page(root));
    byte[] page = page(root);
    while (page[0] == IndexCells.INTERIOR) {
      page = page(cells.child(cells.lowerBound(key)));
      cells = new IndexCells(page);
    }
    assertThat(page[0]).isEqualTo((byte) IndexCells.LEAF);
    return cells;
  }

  @Test
  void anEntryIsFoundByItsKeyAndTellsItsRow() {
    int found = 0;
    for (int row = 1; row <= ROWS; row++) {
      long key = row / 3 * 1000L - 900_000;
      IndexCells cells = leaf(DATABASE.root("by_k"), key);
      int first = cells.lowerBound(key);
      Set<Long> rows = new HashSet<>();
      for (int i = first; i < cells.count() && cells.read(i) && cells.key() == key; i++) {
        rows.add(cells.rowid());
      }
      // The others of a key lie on the next leaf, or between the two, in the page above.
      assertThat(rows).isSubsetOf(row / 3 * 3L, row / 3 * 3L + 1, row / 3 * 3L + 2);
      found += rows.contains((long) row) ? 1 : 0;
    }
    assertThat(found).isGreaterThan(ROWS * 8 / 10);
  }

  @Test
  void textsHaveKeysThatTellThemApart() throws Exception {
    Set<Long> keys = new HashSet<>();
    List<Integer> leaves = new ArrayList<>();
    BTree tree =
        new BTree(pgno -> {
          if (page(pgno)[0] == IndexCells.LEAF) {
            leaves.add(pgno);
          }
          return page(pgno);
        });
    int entries = 0;
    assertThat(tree.scan(DATABASE.root("by_word"))).isPositive();
    for (int leaf : leaves) {
      IndexCells cells = new IndexCells(page(leaf));
      for (int i = 0; i < cells.count(); i++) {
        assertThat(cells.read(i)).isTrue();
        keys.add(cells.key());
        entries++;
      }
    }
    assertThat(keys).hasSize(entries);
  }

  @Test
  void aDamagedPageGivesWrongAnswersAtMost() {
    Random random = new Random(1);
    int pages = DATABASE.bytes().length / PAGE;
    for (int i = 0; i < 20_000; i++) {
      byte[] page = page(1 + random.nextInt(pages));
      for (int j = random.nextInt(40); j >= 0; j--) {
        page[random.nextInt(random.nextBoolean() ? PAGE : 20)] = (byte) random.nextInt();
      }
      if (random.nextBoolean()) {
        page[0] = (byte) (random.nextBoolean() ? IndexCells.LEAF : IndexCells.INTERIOR);
      }
      IndexCells cells = new IndexCells(page);
      int entry = cells.lowerBound(random.nextLong());
      assertThat(entry).isBetween(0, cells.count());
      int _ = cells.child(entry);
      for (int j = 0; j < cells.count(); j++) {
        boolean _ = cells.read(j);
      }
    }
  }
}
