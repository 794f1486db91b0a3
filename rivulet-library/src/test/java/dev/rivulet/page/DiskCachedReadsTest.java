package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.SqliteFiles;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What a database costs that the page cache cannot hold: two tables whose rows came in turns, of
 * 1,600 leaves each, 13 MB in all, and a cache of 2 MB.
 */
class DiskCachedReadsTest {
  private static final int PAGE = 4096;
  private static final int ROWS = 30_000;
  private static final int CACHE = 2 << 20;

  private static final SqliteFiles.Database DATABASE = make();

  private final ReplicaBuilder replica = new ReplicaBuilder(PAGE);
  private final LtxFile file = replicate();
  private final RecordingStore store = new RecordingStore(replica.store());
  private final ScratchBytes scratch = new ScratchBytes(Long.MAX_VALUE);
  private final List<String> troubles = new ArrayList<>();

  private static SqliteFiles.Database make() {
    List<String> statements = new ArrayList<>();
    statements.add("CREATE TABLE a (id INTEGER PRIMARY KEY, x)");
    statements.add("CREATE TABLE b (id INTEGER PRIMARY KEY, x)");
    for (int i = 0; i < ROWS; i += 20) {
      for (String table : List.of("a", "b")) {
        statements.add(
            ("INSERT INTO %s WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n"
                    + " WHERE i < %d) SELECT i, randomblob(200) FROM n")
                .formatted(table, i + 1, i + 20));
      }
    }
    return SqliteFiles.make(PAGE, statements.toArray(new String[0]));
  }

  private LtxFile replicate() {
    replica.database(DATABASE.bytes());
    return replica.file(0, 1, 1);
  }

  private final DiskCache disk =
      new DiskCache(() -> scratch, 64 << 20, 0, Runnable::run, troubles::add);

  private final ReplicaPages pages =
      new ReplicaPages(store, new PageCache(CACHE), Lab.FAR, Runnable::run, disk);
  private final View view = pages.view(new Plan(List.of(file)), 1).join();

  private BTree tree() {
    PageReader reader = pages.reader();
    return new BTree(pgno -> {
      byte[] page = Lab.read(reader, view, pgno);
      if (pgno != 1) {
        assertThat(page).isEqualTo(page(pgno));
      }
      return page;
    });
  }

  private static byte[] page(int pgno) {
    return java.util.Arrays.copyOfRange(DATABASE.bytes(), (pgno - 1) * PAGE, pgno * PAGE);
  }

  @Test
  void whatOneScanReadAlongTheNextOneHasFromTheDisk() throws Exception {
    store.forget();
    assertThat(tree().scan(DATABASE.root("a"))).isEqualTo(ROWS);
    int once = store.gets();
    assertThat(tree().scan(DATABASE.root("b"))).isEqualTo(ROWS);
    assertThat(store.bytes()).isLessThan(file.size() * 21 / 20);
    // A leaf of the other table lies between any two: also where the scan asked for more.
    assertThat(store.gets() - once).isLessThanOrEqualTo(10);
    long waits = pages.stats().waits();
    assertThat(waits).isLessThanOrEqualTo(6);
    int gets = store.gets();
    assertThat(tree().scan(DATABASE.root("a"))).isEqualTo(ROWS);
    // What came with the file's index is not kept, nor what lay between two ranges that overlap.
    assertThat(store.gets() - gets).isLessThanOrEqualTo(5);
    assertThat(pages.stats().waits() - waits).isLessThanOrEqualTo(1);
    assertThat(pages.stats().bytesFromDisk()).isGreaterThan(file.size() * 3 / 4);
  }

  @Test
  void lookupsAllOverATableThatTheCacheCannotHoldFetchItOnce() throws Exception {
    Random random = new Random(3);
    BTree tree = tree();
    store.forget();
    for (int i = 0; i < 5_000; i++) {
      assertThat(tree.find(DATABASE.root("a"), 1 + random.nextInt(ROWS))).isTrue();
    }
    // 4,075 waits and 347 MB without the disk.
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(20);
    assertThat(store.bytes()).isLessThan(file.size() * 5 / 4);
  }

  @Test
  void whereTheDiskCannotHoldTheTreeTwiceNothingIsFetchedTwice() throws Exception {
    DiskCache small =
        new DiskCache(() -> scratch, file.size() * 3 / 2, 0, Runnable::run, troubles::add);
    ReplicaPages own = new ReplicaPages(store, new PageCache(CACHE), Lab.FAR, Runnable::run, small);
    View of = own.view(new Plan(List.of(file)), 1).join();
    PageReader reader = own.reader();
    BTree tree = new BTree(pgno -> Lab.read(reader, of, pgno));
    Random random = new Random(4);
    store.forget();
    for (int i = 0; i < 5_000; i++) {
      assertThat(tree.find(DATABASE.root("a"), 1 + random.nextInt(ROWS))).isTrue();
    }
    assertThat(store.bytes()).isLessThan(file.size() * 21 / 20);
  }

  @Test
  void theStoreHasWhatTheDiskCannotReadAnyMore() throws Exception {
    assertThat(tree().scan(DATABASE.root("a"))).isEqualTo(ROWS);
    scratch.loseFrom(3_000_000 + 777); // in the midst of a range
    assertThat(tree().scan(DATABASE.root("b"))).isEqualTo(ROWS);
    assertThat(troubles).containsExactly("input/output error");
    assertThat(tree().scan(DATABASE.root("a"))).isEqualTo(ROWS);
  }

  @Test
  void whatIsNotWhatWasWrittenIsFetchedAgain() throws Exception {
    assertThat(tree().scan(DATABASE.root("a"))).isEqualTo(ROWS);
    int before = store.gets();
    scratch.overwrite();
    assertThat(tree().scan(DATABASE.root("b"))).isEqualTo(ROWS);
    assertThat(store.gets()).isGreaterThan(before);
    assertThat(troubles).isEmpty();
  }

  @Test
  void aDiskThatFillsUpCostsRequestsAndNothingElse() throws Exception {
    scratch.fillUpAfter(5);
    assertThat(tree().scan(DATABASE.root("a"))).isEqualTo(ROWS);
    assertThat(tree().scan(DATABASE.root("b"))).isEqualTo(ROWS);
    assertThat(troubles).containsExactly("no space left on device");
  }

  @Test
  void whatAFetchBroughtBeforeItFailedIsNotKept() throws Exception {
    store.cutNext(request -> request.range().length() > 300_000, 100_000);
    BTree tree = tree();
    try {
      assertThat(tree.scan(DATABASE.root("a"))).isEqualTo(ROWS);
    } catch (java.io.IOException e) {
      assertThat(e).hasMessageContaining("fault " + Kind.TEMPORARY);
    }
    assertThat(tree().scan(DATABASE.root("a"))).isEqualTo(ROWS);
    assertThat(tree().scan(DATABASE.root("b"))).isEqualTo(ROWS);
  }

  @Test
  void manyReadersOfARingThatIsTooSmallReadTheRightPages() throws Exception {
    var threads = Executors.newFixedThreadPool(6);
    var reads = Executors.newFixedThreadPool(2);
    try {
      DiskCache small = new DiskCache(() -> scratch, 3 << 20, 0, reads, troubles::add);
      ReplicaPages shared =
          new ReplicaPages(store, new PageCache(CACHE), Lab.FAR, Runnable::run, small);
      View of = shared.view(new Plan(List.of(file)), 1).join();
      List<Callable<Long>> work = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        String table = i % 2 == 0 ? "a" : "b";
        int seed = i;
        work.add(() -> {
          PageReader reader = shared.reader();
          Random random = new Random(seed);
          BTree tree =
              new BTree(pgno -> {
                byte[] page = Lab.read(reader, of, pgno);
                assertThat(page).isEqualTo(page(pgno));
                return page;
              });
          for (int j = 0; j < 300; j++) {
            assertThat(tree.find(DATABASE.root(table), 1 + random.nextInt(ROWS))).isTrue();
          }
          return tree.scan(DATABASE.root(table));
        });
      }
      for (Future<Long> done : threads.invokeAll(work)) {
        assertThat(done.get()).isEqualTo(ROWS);
      }
      assertThat(shared.stats().bytesFromDisk()).isPositive();
      assertThat(troubles).isEmpty();
    } finally {
      threads.shutdownNow();
      reads.shutdownNow();
    }
  }

  @Test
  void aFewRowsLeaveTheDiskAlone() throws Exception {
    DiskCache lazy =
        new DiskCache(
            () -> {
              throw new AssertionError("a file was made");
            },
            64 << 20,
            4 * CACHE,
            Runnable::run,
            troubles::add);
    ReplicaPages own =
        new ReplicaPages(store, new PageCache(4 * CACHE), Lab.FAR, Runnable::run, lazy);
    View of = own.view(new Plan(List.of(file)), 1).join();
    PageReader reader = own.reader();
    BTree tree = new BTree(pgno -> Lab.read(reader, of, pgno));
    for (int i = 0; i < 3; i++) {
      assertThat(tree.find(DATABASE.root("a"), 1 + i * 9_000)).isTrue();
    }
  }
}
