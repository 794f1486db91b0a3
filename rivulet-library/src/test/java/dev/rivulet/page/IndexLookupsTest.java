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

  /** Of the other index: 40 rows a key, so that a leaf of it has those of eight keys. */
  private static final int MANY_KEYS = 900;

  private static final SqliteFiles.Database DATABASE =
      SqliteFiles.make(
          PAGE,
          "CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, m INTEGER, body BLOB)",
          "CREATE INDEX by_k ON t (k)",
          "CREATE INDEX by_m ON t (m)",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                  .formatted(ROWS)
              + " INSERT INTO t SELECT i, i %% %d, i %% %d, randomblob(900) FROM n"
                  .formatted(KEYS, MANY_KEYS));

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

  private void query() throws IOException {
    query("by_k", KEY);
    assertThat(found).isEqualTo(ROWS / KEYS);
  }

  private void query(String index, int key) throws IOException {
    found = 0;
    BTree tree = new BTree(this::page);
    tree.entries(
        DATABASE.root(index),
        key,
        rowid -> {
          assertThat(tree.find(DATABASE.root("t"), rowid)).isTrue();
          found++;
        });
  }

  @Test
  void theRowsThatAnIndexNamesNextAreFetchedTogether() throws Exception {
    query();
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(30);
  }

  @Test
  void theRowsOfTheNextKeysAreNot() throws Exception {
    query("by_m", 400);
    assertThat(found).isEqualTo(ROWS / MANY_KEYS);
    // A row is on a page of its own; the next seven keys' 280 rows lie in the same leaf.
    assertThat(store.requests()).hasSizeLessThanOrEqualTo(100);
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
