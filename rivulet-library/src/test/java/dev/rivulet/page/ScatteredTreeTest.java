package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.SqliteFiles;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What reading a tree in key order costs whose pages lie in another: 50 000 rows that came in no
 * order, on 2 900 leaves, 12 MB, below 180 interior pages on two levels.
 */
class ScatteredTreeTest {
  private static final int PAGE = 4096;
  private static final int ROWS = 50_000;

  private static final SqliteFiles.Database DATABASE =
      SqliteFiles.make(
          PAGE,
          "CREATE TABLE t (k TEXT PRIMARY KEY, a) WITHOUT ROWID",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                  .formatted(ROWS)
              + " INSERT INTO t SELECT printf('%08d', i * 7919 % 50000), randomblob(200) FROM n");

  private final ReplicaBuilder replica = new ReplicaBuilder(PAGE);
  private final LtxFile file = replicate();
  private final RecordingStore store = new RecordingStore(replica.store());

  private LtxFile replicate() {
    replica.database(DATABASE.bytes());
    return replica.file(0, 1, 1);
  }

  /** Reads it all; returns how often the reader waited. */
  private long scan(long cacheBytes) throws Exception {
    PageCache cache = new PageCache(cacheBytes);
    ReplicaPages pages = new ReplicaPages(store, cache, Lab.FAR);
    View view = pages.view(new Plan(List.of(file)), 1).join();
    PageReader reader = pages.reader();
    store.forget();
    BTree tree = new BTree(pgno -> Lab.read(reader, view, pgno));
    // The others lie on its interior pages.
    assertThat(tree.scan(DATABASE.root("t"))).isGreaterThan(ROWS * 9 / 10);
    return pages.stats().waits();
  }

  @Test
  void itIsReadWholeOnceItsPagesHaveCostAsMuchOneByOne() throws Exception {
    assertThat(scan(32 << 20)).isLessThanOrEqualTo(4);
    // 1,800 one by one.
    assertThat(store.gets()).isLessThanOrEqualTo(450);
    assertThat(store.bytes()).isLessThan(file.size() * 5 / 4);
  }

  @Test
  void whatTheCacheCannotHoldIsNotFetchedOverAndOver() throws Exception {
    assertThat(scan(2 << 20)).isLessThanOrEqualTo(30);
    assertThat(store.bytes()).isLessThan(file.size() * 3 / 2);
    assertThat(scan(8 << 20)).isLessThanOrEqualTo(30);
    assertThat(store.bytes()).isLessThan(file.size() * 3);
  }

  @Test
  void norWhatAnotherReaderDisplaces() throws Exception {
    PageCache cache = new PageCache(16 << 20);
    ReplicaPages pages = new ReplicaPages(store, cache, Lab.FAR);
    View view = pages.view(new Plan(List.of(file)), 1).join();
    replica.database(DATABASE.bytes());
    View other = pages.view(new Plan(List.of(replica.file(0, 2, 2))), 2).join();
    PageReader reader = pages.reader();
    PageReader noise = pages.reader();
    Random random = new Random(2);
    store.forget();
    BTree tree =
        new BTree(pgno -> {
          for (int i = 0; i < 8; i++) {
            Lab.read(noise, other, 1 + random.nextInt(other.commit()));
          }
          return Lab.read(reader, view, pgno);
        });
    assertThat(tree.scan(DATABASE.root("t"))).isGreaterThan(ROWS * 9 / 10);
    // The noise alone, and the tree's pages one by one, would be 35 MB in 4,000 requests.
    assertThat(store.gets()).isLessThanOrEqualTo(8000);
    assertThat(store.bytes()).isLessThan(100_000_000);
  }
}
