package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.SqliteFiles;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the rows of one key cost that an index names: 1 125 of 36 000, each on a page of its own,
 * all over a file of 38 MB.
 */
class IndexLookupsTest {
  private static final int PAGE = 4096;
  private static final int ROWS = 36_000;
  private static final int KEYS = 32;
  private static final int KEY = 7;

  private static final SqliteFiles.Database DATABASE =
      SqliteFiles.make(
          PAGE,
          "CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, body BLOB)",
          "CREATE INDEX by_k ON t (k)",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                  .formatted(ROWS)
              + " INSERT INTO t SELECT i, i %% %d, randomblob(900) FROM n".formatted(KEYS));

  private final RecordingStore store;
  private final LtxFile file;
  private final PageCache cache = new PageCache(28 << 20);
  private final ReplicaPages pages;
  private final View view;
  private final PageReader reader;

  private long found;

  IndexLookupsTest() {
    ReplicaBuilder replica = new ReplicaBuilder(PAGE);
    replica.database(DATABASE.bytes());
    file = replica.file(0, 1, 1);
    store = new RecordingStore(replica.store());
    pages = new ReplicaPages(store, cache, Lab.FAR);
    view = pages.view(new Plan(List.of(file)), 1).join();
    reader = pages.reader();
    store.forget();
  }

  private byte[] page(int pgno) throws IOException {
    return Lab.read(reader, view, pgno);
  }

  /** Finds a key's rows as SQLite does: an entry of the index, its row from the table's root. */
  private void rows(int pgno, BTree table) throws IOException {
    byte[] page = page(pgno);
    boolean leaf = page[0] == IndexLeaf.TYPE;
    int[] children = leaf ? new int[0] : BTree.children(page, 0);
    int cells = BTree.u16(page, 3);
    for (int i = 0; i < cells; i++) {
      int cell = BTree.u16(page, (leaf ? 8 : 12) + 2 * i);
      RecordCursor entry = new RecordCursor(page, leaf ? cell : cell + 4);
      var _ = entry.varint();
      entry.record();
      long key = entry.integer();
      if (!leaf && key >= KEY) {
        rows(children[i], table);
      }
      if (key == KEY) {
        assertThat(table.find(DATABASE.root("t"), entry.integer())).isTrue();
        found++;
      } else if (key > KEY) {
        return;
      }
    }
    if (!leaf) {
      rows(children[cells], table);
    }
  }

  private void query() throws IOException {
    found = 0;
    rows(DATABASE.root("by_k"), new BTree(this::page));
    assertThat(found).isEqualTo(ROWS / KEYS);
  }

  @Test
  void theRowsThatAnIndexNamesNextAreFetchedTogether() throws Exception {
    query();
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(30);
  }

  @Test
  void whoAsksAgainMakesNoRequest() throws Exception {
    query();
    assertThat(store.bytes()).as("more than fits").isGreaterThan(cache.budget());
    store.forget();
    query();
    assertThat(store.requests()).isEmpty();
  }
}
