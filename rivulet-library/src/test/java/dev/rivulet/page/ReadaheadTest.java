package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.SqliteFiles;
import dev.rivulet.natives.Lz4;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What readers of a real database cost: requests are exact, for store and network are known. 30 000
 * rows of 300 bytes in 10 MB, of which one round trip of the far network (25 ms, 85 MB/s) brings
 * 2.1 MB.
 */
class ReadaheadTest {
  private static final int ROWS = 30_000;

  private static final SqliteFiles.Database DATABASE = SqliteFiles.rows(ROWS, 300);
  private static final ReplicaBuilder REPLICA = new ReplicaBuilder(4096);
  private static final LtxFile FILE = replicate();

  private static LtxFile replicate() {
    REPLICA.database(DATABASE.bytes());
    return REPLICA.file(0, 1, 1);
  }

  private final RecordingStore store = new RecordingStore(REPLICA.store());
  private final ReplicaPages pages = new ReplicaPages(store, new PageCache(32 << 20), Lab.FAR);
  private final View view = pages.view(new Plan(List.of(FILE)), 1).join();
  private final PageReader reader = pages.reader();
  private final BTree tree =
      new BTree(pgno -> {
        byte[] page = Lab.read(reader, view, pgno);
        byte[] right =
            java.util.Arrays.copyOfRange(DATABASE.bytes(), (pgno - 1) * 4096, pgno * 4096);
        assertThat(page).as("page %d", pgno).isEqualTo(right);
        return page;
      });

  private final int table = DATABASE.root("t");
  private final int index = DATABASE.root("by_k");

  private void lookup(long id) throws IOException {
    assertThat(tree.find(table, id)).isTrue();
  }

  @Test
  void openingReadsHeadAndTailAndTheRootsComeWithThem() {
    assertThat(store.gets()).isEqualTo(2);
    store.forget();
    pages.fetchSchemaAhead(view);
    assertThat(store.gets()).as("both roots lie in the first 64 KiB").isZero();
  }

  @Test
  void oneLookupFetchesItsPathAndLittleElse() throws Exception {
    store.forget();
    lookup(ROWS / 2);
    // Height 3: the root came with the head; one interior page and one leaf, each with the
    // neighbours that come in a 24th of the wait.
    assertThat(pages.stats().waits()).isEqualTo(2);
    assertThat(store.gets()).isEqualTo(2);
    assertThat(store.bytes()).isLessThanOrEqualTo(2 * 96 * 1024);
    store.forget();
    lookup(ROWS / 2);
    lookup(ROWS / 2 + 5);
    assertThat(store.requests()).isEmpty();
  }

  @Test
  void scatteredLookupsGrowTheWindowUntilRoundTripsVanish() throws Exception {
    store.forget();
    for (int id = 20; id < ROWS; id += 50) {
      lookup(id);
    }
    // 600 rows on 600 of 2700 pages.
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(12);
    assertThat(store.gets()).isLessThanOrEqualTo(32);
    assertThat(store.bytes()).isLessThan(FILE.size());
  }

  @Test
  void lookupsInNoOrderGrowTheWindowToo() throws Exception {
    store.forget();
    Random random = new Random(1);
    for (int i = 0; i < 600; i++) {
      lookup(1 + random.nextInt(ROWS));
    }
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(14);
    assertThat(store.gets()).isLessThanOrEqualTo(40);
    assertThat(store.bytes()).isLessThan(FILE.size());
  }

  @Test
  void aScanInKeyOrderReadsEveryPageOnceInLargeRanges() throws Exception {
    store.forget();
    assertThat(tree.scan(table)).isEqualTo(ROWS);
    assertThat(pages.stats().waits()).isEqualTo(2);
    assertThat(store.gets()).isEqualTo(18);
    assertThat(store.bytes()).isLessThanOrEqualTo(FILE.size());
    assertNothingTwice();
  }

  @Test
  void whoWaitsForWhatIsUnderWayAsksForNoMoreBesides() throws Exception {
    try (SlowLine line = new SlowLine(REPLICA.store())) {
      RecordingStore slow = new RecordingStore(line);
      ReplicaPages own = new ReplicaPages(slow, new PageCache(8 << 20), Lab.FAR);
      View of = own.view(new Plan(List.of(FILE)), 1).join();
      PageReader waiting = own.reader();
      slow.forget();
      assertThat(new BTree(pgno -> Lab.read(waiting, of, pgno)).scan(table)).isEqualTo(ROWS);
      assertThat(own.stats().waits()).isGreaterThan(100);
      // Its window of 2 MB is filled up each time half of it has come, and not at each wait.
      assertThat(slow.gets()).isLessThanOrEqualTo(30);
    }
  }

  @Test
  void aScanOfAnIndexReadsThatAndNotTheTable() throws Exception {
    store.forget();
    assertThat(tree.scan(index)).isPositive();
    assertThat(pages.stats().waits()).isEqualTo(2);
    assertThat(store.bytes()).isLessThan(FILE.size() / 8);
  }

  @Test
  void aBackupReadsTheFileOnceInLargeRanges() throws Exception {
    store.forget();
    for (int pgno = 1; pgno <= view.commit(); pgno++) {
      Lab.read(reader, view, pgno);
    }
    assertThat(pages.stats().waits()).isZero();
    assertThat(store.gets()).isEqualTo(12);
    assertThat(store.bytes()).isLessThanOrEqualTo(FILE.size());
    assertNothingTwice();
  }

  @Test
  void twoReadersShareWhatEitherFetched() throws Exception {
    assertThat(tree.scan(table)).isEqualTo(ROWS);
    store.forget();
    PageReader second = pages.reader();
    BTree other = new BTree(pgno -> Lab.read(second, view, pgno));
    assertThat(other.scan(table)).isEqualTo(ROWS);
    assertThat(store.requests()).isEmpty();
  }

  @Test
  void whatAScanFetchedWasUsed() throws Exception {
    assertThat(tree.scan(table)).isEqualTo(ROWS);
    assertThat(pages.stats().bytesNeverUsed()).isLessThan(pages.stats().bytesFetched() / 4);
    assertThat(pages.stats().bytesFetched() - pages.stats().bytesNeverUsed())
        .as("what was used is no more than what was fetched")
        .isLessThanOrEqualTo(pages.stats().bytesFetched());
  }

  @Test
  void theSameReadsCostTheSameRequestsEveryTime() throws Exception {
    store.forget();
    tree.scan(table);
    List<RecordingStore.Request> first = store.requests();
    RecordingStore again = new RecordingStore(REPLICA.store());
    ReplicaPages fresh = new ReplicaPages(again, new PageCache(32 << 20), Lab.FAR);
    View same = fresh.view(new Plan(List.of(FILE)), 1).join();
    again.forget();
    PageReader freshReader = fresh.reader();
    new BTree(pgno -> Lab.read(freshReader, same, pgno)).scan(table);
    assertThat(again.requests()).isEqualTo(first);
  }

  private void assertNothingTwice() {
    // But for interior pages, which are asked for long before the ranges that they lie in.
    List<RecordingStore.Request> requests =
        store.requests().stream()
            .filter(request -> request.length() > Lz4.bound(4096) + 10)
            .sorted(java.util.Comparator.comparingLong(RecordingStore.Request::offset))
            .toList();
    for (int i = 1; i < requests.size(); i++) {
      RecordingStore.Request before = requests.get(i - 1);
      assertThat(requests.get(i).offset())
          .as("no byte is fetched twice")
          .isGreaterThanOrEqualTo(before.offset() + before.length());
    }
  }

  @Test
  void treesThatLeadInCirclesAndOutOfTheFileCostNoMoreThanTheirPages() {
    Random random = new Random(5);
    int count = 4000;
    byte[] bytes = new byte[count * 512];
    random.nextBytes(bytes);
    for (int pgno = 2; pgno <= count; pgno++) {
      int[] children = new int[40];
      for (int i = 0; i < children.length; i++) {
        children[i] =
            switch (pgno % 4) {
              case 0 -> pgno;
              case 1 -> 2 + random.nextInt(count - 1);
              case 2 -> count + 1 + random.nextInt(count);
              default -> 2 + (pgno - 2 + i) % (count - 1);
            };
      }
      // Its ends; what is between them stays random, so that it is not one small file.
      byte[] interior = TreeHintsTest.interior(children);
      System.arraycopy(interior, 0, bytes, (pgno - 1) * 512, 12 + 2 * 40);
      System.arraycopy(interior, 512 - 5 * 40, bytes, pgno * 512 - 5 * 40, 5 * 40);
    }
    ReplicaBuilder hostile = new ReplicaBuilder(512);
    hostile.database(bytes);
    RecordingStore counted = new RecordingStore(hostile.store());
    LtxFile file = hostile.file(0, 1, 1);
    ReplicaPages own = new ReplicaPages(counted, new PageCache(32 << 20), Lab.FAR);
    View all = own.view(new Plan(List.of(file)), 1).join();
    PageReader wandering = own.reader();
    // A guard that was taken out is an endless loop.
    assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          for (int i = 0; i < 3000; i++) {
            int pgno = 2 + (i % 3 == 0 ? random.nextInt(count - 1) : i);
            assertThat(Lab.read(wandering, all, pgno))
                .isEqualTo(java.util.Arrays.copyOfRange(bytes, (pgno - 1) * 512, pgno * 512));
          }
        });
    // Each page once, and what lies between two that are fetched together.
    assertThat(counted.bytes()).isLessThan(2 * file.size());
  }
}
