package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.SqliteFiles;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What readers of rows cost that overflow: 500 of 20 kB, each on a leaf and four more pages. */
class LongRowsTest {
  private static final int PAGE = 4096;
  private static final int ROWS = 500;

  private static final SqliteFiles.Database DATABASE =
      SqliteFiles.make(
          PAGE,
          "CREATE TABLE t (id INTEGER PRIMARY KEY, a)",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                  .formatted(ROWS)
              + " INSERT INTO t (a) SELECT randomblob(20000) FROM n");

  private final ReplicaBuilder replica = new ReplicaBuilder(PAGE);
  private final LtxFile file = replicate();
  private final RecordingStore store = new RecordingStore(replica.store());
  private final ReplicaPages pages = new ReplicaPages(store, new PageCache(32 << 20), Lab.FAR);

  private LtxFile replicate() {
    replica.database(DATABASE.bytes());
    return replica.file(0, 1, 1);
  }

  @Test
  void readingThemAllReadsTheFileOnceAndHardlyWaits() throws Exception {
    View view = pages.view(new Plan(List.of(file)), 1).join();
    PageReader reader = pages.reader();
    store.forget();
    int[] rows = {0};
    // As SQLite does: the leaf, then the pages on which its row goes on, each of which names the
    // next.
    BTree tree =
        new BTree(pgno -> {
          byte[] page = Lab.read(reader, view, pgno);
          if (page[0] == 13) {
            for (int next = overflow(page); next != 0; ) {
              next = BTree.i32(Lab.read(reader, view, next), 0);
            }
            rows[0]++;
          }
          return page;
        });
    assertThat(tree.scan(DATABASE.root("t"))).isEqualTo(ROWS);
    assertThat(rows[0]).isEqualTo(ROWS);
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(1);
    assertThat(store.gets()).isLessThanOrEqualTo(14);
    assertThat(store.bytes()).isLessThanOrEqualTo(file.size());
  }

  /** Where the only row of a leaf goes on: after its 3635 bytes here (SQLite file format, 1.6). */
  private static int overflow(byte[] leaf) {
    return BTree.i32(leaf, PAGE - Integer.BYTES);
  }
}
