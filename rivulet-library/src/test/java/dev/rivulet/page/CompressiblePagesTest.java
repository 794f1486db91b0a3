package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.SqliteFiles;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What scans cost of pages that compress well: what lies ahead of a reader is little to fetch, and
 * more than the cache can hold. Three tables of 27 MB, in a file of 9 MB.
 */
class CompressiblePagesTest {
  private static final int PAGE = 4096;

  private static final String ROWS =
      "INSERT INTO %s WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)"
          + " SELECT i, hex(randomblob(12)) || printf('%%0400d', i) FROM n";

  private static final SqliteFiles.Database DATABASE =
      SqliteFiles.make(
          PAGE,
          "CREATE TABLE a (id INTEGER PRIMARY KEY, t)",
          "CREATE TABLE b (id INTEGER PRIMARY KEY, t)",
          "CREATE TABLE c (id INTEGER PRIMARY KEY, t)",
          ROWS.formatted("a"),
          ROWS.formatted("b"),
          ROWS.formatted("c"));

  private final ReplicaBuilder replica = new ReplicaBuilder(PAGE);
  private final LtxFile file = replicate();
  private final RecordingStore store = new RecordingStore(replica.store());

  private LtxFile replicate() {
    replica.database(DATABASE.bytes());
    return replica.file(0, 1, 1);
  }

  /** The pages of a table in the order in which a scan reads them. */
  private static List<Integer> pagesOf(String table) throws Exception {
    List<Integer> order = new ArrayList<>();
    BTree local =
        new BTree(pgno -> {
          order.add(pgno);
          return Arrays.copyOfRange(DATABASE.bytes(), (pgno - 1) * PAGE, pgno * PAGE);
        });
    assertThat(local.scan(DATABASE.root(table))).isEqualTo(60_000);
    return order;
  }

  /** Scans tables, a page of each in turn; returns how often the reader waited. */
  private long scan(long cacheBytes, String... tables) throws Exception {
    ReplicaPages pages = new ReplicaPages(store, new PageCache(cacheBytes), Lab.FAR);
    View view = pages.view(new Plan(List.of(file)), 1).join();
    PageReader reader = pages.reader();
    store.forget();
    List<List<Integer>> orders = new ArrayList<>();
    for (String table : tables) {
      orders.add(pagesOf(table));
    }
    for (int i = 0; i < orders.getFirst().size(); i++) {
      for (List<Integer> order : orders) {
        if (i < order.size()) {
          byte[] _ = Lab.read(reader, view, order.get(i));
        }
      }
    }
    return pages.stats().waits();
  }

  @Test
  void nobodyLooksFurtherAheadThanTheCacheHolds() throws Exception {
    // 115 where that is not heeded.
    assertThat(scan(4 << 20, "b")).isLessThanOrEqualTo(3);
    assertThat(store.bytes()).isLessThan(file.size() / 2);
  }

  @Test
  void readersInTurnShareIt() throws Exception {
    // 416 where each takes half of the cache.
    assertThat(scan(16 << 20, "a", "b", "c")).isLessThanOrEqualTo(6);
    assertThat(store.bytes()).isLessThan(file.size() * 5 / 4);
  }
}
