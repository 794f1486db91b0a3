package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.SqliteFiles;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What readers of a database of 512-byte pages cost: 40 000 rows on 20 000 leaves, 10 MB, below 280
 * interior pages on two levels. Each interior page stands for 36 KB of leaves, a hundredth of what
 * one does of a database of pages of 4 KiB.
 */
class SmallPagesTest {
  private static final int PAGE = 512;
  private static final int ROWS = 40_000;

  private static final SqliteFiles.Database DATABASE =
      SqliteFiles.make(
          PAGE,
          "CREATE TABLE t (id INTEGER PRIMARY KEY, a)",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                  .formatted(ROWS)
              + " INSERT INTO t (a) SELECT randomblob(220) FROM n");

  private final ReplicaBuilder replica = new ReplicaBuilder(PAGE);
  private final LtxFile file = replicate();
  private final RecordingStore store = new RecordingStore(replica.store());
  private ReplicaPages pages = open(Lab.FAR);

  private ReplicaPages open(NetworkModel network) {
    return new ReplicaPages(store, new PageCache(32 << 20), network);
  }

  /** The tree as a new reader reads it; the requests that it makes count from here on. */
  private BTree tree(LtxFile file) {
    View view = pages.view(new Plan(List.of(file)), 1).join();
    PageReader reader = pages.reader();
    store.forget();
    return new BTree(pgno -> Lab.read(reader, view, pgno));
  }

  private LtxFile replicate() {
    replica.database(DATABASE.bytes());
    return replica.file(0, 1, 1);
  }

  @Test
  void aScanInKeyOrderReadsTheFileOnceAndHardlyWaits() throws Exception {
    assertThat(tree(file).scan(DATABASE.root("t"))).isEqualTo(ROWS);
    assertThat(pages.stats().waits()).isEqualTo(1);
    assertThat(store.gets()).isLessThanOrEqualTo(33);
    assertThat(store.bytes()).isLessThanOrEqualTo(file.size());
  }

  @Test
  void aLookupFetchesItsPathAndLittleElse() throws Exception {
    assertThat(tree(file).find(DATABASE.root("t"), ROWS / 2)).isTrue();
    assertThat(pages.stats().waits()).isEqualTo(2);
    assertThat(store.gets()).isEqualTo(2);
    assertThat(store.bytes()).isLessThanOrEqualTo(2 * 96 * 1024);
  }

  @Test
  void nearTheStoreInteriorPagesAreAskedForAheadOnEachLevel() throws Exception {
    pages = open(NetworkModel.fixed(0.001, 85e6)); // a gap of 4 KB is worth a request
    assertThat(tree(file).scan(DATABASE.root("t"))).isEqualTo(ROWS);
    assertThat(pages.stats().waits()).isEqualTo(1);
  }

  @Test
  void aTableOfMorePagesThanAreRememberedIsScannedAsASmallOne() throws Exception {
    SqliteFiles.Database large =
        SqliteFiles.make(
            PAGE,
            "CREATE TABLE t (a)",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
                + " INSERT INTO t SELECT zeroblob(450) FROM n");
    replica.database(large.bytes());
    LtxFile whole = replica.file(0, 2, 2);
    assertThat(tree(whole).scan(large.root("t"))).isEqualTo(200_000);
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(4);
    assertThat(store.bytes()).isLessThanOrEqualTo(whole.size() * 5 / 4);
  }
}
