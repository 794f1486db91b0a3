package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.NetworkModel;
import dev.rivulet.page.PageCache;
import dev.rivulet.replica.Layout;
import dev.rivulet.store.MemoryStore;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
  private final ReplicaBuilder replica = new ReplicaBuilder(512);

  @Test
  void aSmallReplicaIsOpenedAndReadByOneListAndOneGet() throws Exception {
    replica.touch(40);
    Opened opened = new Opened(replica);
    try (Session session = opened.session()) {
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(1)));
    }
    assertThat(opened.store.lists()).isEqualTo(1);
    assertThat(opened.store.gets()).isEqualTo(1);
  }

  @Test
  void theFilesOfAPlanAreReadInOneRoundTrip() throws Exception {
    replica.touch(40);
    for (int i = 0; i < 20; i++) {
      replica.touch(40, 1 + i);
    }
    Opened opened = new Opened(replica);
    var files = new dev.rivulet.replica.Replica(opened.store, Layout.HEX).listAll().join();
    var pages =
        new dev.rivulet.page.ReplicaPages(
            opened.store, new PageCache(1 << 20), NetworkModel.fixed(0.025, 85e6));
    opened.store.forget();
    var view =
        opened.store.rounds(() -> {
          try {
            return pages.view(dev.rivulet.replica.Planner.latest(files), 1);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    assertThat(view.rounds()).isEqualTo(1);
    assertThat(opened.store.gets()).isEqualTo(21);
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65536})
  void anyPartOfTheDatabaseIsThatPartAcrossPagesAndBeyondTheEnd(int pageSize) throws Exception {
    ReplicaBuilder builder = new ReplicaBuilder(pageSize);
    builder.touch(9);
    builder.touch(9, 1, 4);
    byte[] expected = builder.database(2);
    try (Session session = new Opened(builder).session()) {
      assertThat(session.size()).isEqualTo(9L * pageSize);
      assertThat(session.pageSize()).isEqualTo(pageSize);
      Random random = new Random(1);
      for (int i = 0; i < 300; i++) {
        int offset = pageSize + random.nextInt(9 * pageSize);
        int length = random.nextInt(3 * pageSize);
        byte[] right = new byte[length];
        int there = Math.max(0, Math.min(length, expected.length - offset));
        System.arraycopy(expected, Math.min(offset, expected.length), right, 0, there);
        assertThat(Opened.read(session, offset, length)).isEqualTo(right);
      }
    }
  }

  @Test
  void aReadBeyondTheEndSaysSo() throws Exception {
    replica.touch(3);
    try (Session session = new Opened(replica).session()) {
      long address = NativeMemory.allocate(1024);
      assertThat(session.read(address, 512, 1024)).isTrue();
      assertThat(session.read(address, 513, 1024)).isFalse();
      assertThat(session.read(address, 1, 1536)).isFalse();
      assertThat(session.read(address, 0, 1536)).isTrue();
      assertThat(session.read(address, 16, Long.MAX_VALUE - 16)).isFalse();
      NativeMemory.free(address);
    }
  }

  @Test
  void pagesBeyondTheCommitDoNotExist() throws Exception {
    replica.touch(50);
    replica.snapshot();
    replica.touch(48, 1, 7);
    Opened opened = new Opened(replica);
    try (Session session = opened.session()) {
      assertThat(session.size()).isEqualTo(48 * 512);
      assertThat(Opened.read(session, 48 * 512, 1024)).isEqualTo(new byte[1024]);
      assertThat(Opened.read(session, 28, 4)).isEqualTo(new byte[] {0, 0, 0, 48});
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(2)));
      replica.touch(60, 3); // and what grows again is new
      opened.follow();
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(3)));
    }
  }

  @Test
  void anyHistoryOfGrowthShrinkMergesAndSnapshotsReadsAsTheModel() throws Exception {
    long seed = System.nanoTime();
    for (int round = 0; round < 15; round++) {
      Random random = new Random(seed + round);
      ReplicaBuilder builder = new ReplicaBuilder(512);
      Opened opened = new Opened(builder);
      long merged = 0;
      for (int i = 0; i < 30; i++) {
        builder.random(random, 120);
        if (random.nextInt(5) == 0) {
          builder.merge(1, merged + 1, builder.txid());
          merged = builder.txid();
        }
        if (random.nextInt(10) == 0) {
          builder.snapshot();
        }
        if (random.nextInt(6) == 0) {
          // The primary keeps the newest file, which is how followers know that there is nothing
          // new.
          builder.retainLevel0After(Math.min(merged, builder.txid() - 1));
        }
        if (i == 0) {
          opened.session().close();
        } else {
          opened.follow();
        }
        try (Session session = opened.session()) {
          assertThat(Opened.whole(session))
              .as("seed %d, TXID %d", seed + round, builder.txid())
              .isEqualTo(Opened.plain(builder.database(builder.txid())));
        }
      }
    }
  }

  @Test
  void theLockPageIsZeros() throws Exception {
    // Page 2 097 153 of 512 bytes each is too far for a test; the rule is the same for all sizes,
    // and the golden replica "lockpage" has one inside.
    ReplicaBuilder builder = new ReplicaBuilder(65536);
    int lockPage = 16385;
    builder.write(lockPage + 2, Map.of(lockPage + 1, builder.content(9, 9)));
    try (Session session = new Opened(builder).session()) {
      assertThat(Opened.read(session, (lockPage - 1) * 65536L, 65536)).isEqualTo(new byte[65536]);
      assertThat(Opened.read(session, lockPage * 65536L, 65536)).isEqualTo(builder.content(9, 9));
      assertThat(session.size()).isEqualTo((lockPage + 2) * 65536L);
    }
  }

  @Test
  void aReadTransactionKeepsItsViewWhateverIsPublished() throws Exception {
    replica.touch(20);
    Opened opened = new Opened(replica);
    try (Session reader = opened.session();
        Session other = opened.session()) {
      reader.begin();
      int number = reader.view().number();
      replica.touch(30, 1, 2, 3);
      opened.follow();
      assertThat(reader.size()).isEqualTo(20 * 512);
      assertThat(reader.txid()).isEqualTo("0000000000000001");
      assertThat(Opened.whole(reader)).isEqualTo(Opened.plain(replica.database(1)));
      assertThat(Opened.read(reader, 24, 4)).isEqualTo(new byte[] {0, 0, 0, (byte) number});
      assertThat(Opened.whole(other)).isEqualTo(Opened.plain(replica.database(2)));
      reader.end();
      reader.begin();
      assertThat(Opened.whole(reader)).isEqualTo(Opened.plain(replica.database(2)));
      assertThat(reader.view().number()).isEqualTo(number + 1);
      reader.end();
    }
  }

  @Test
  void theSameStateKeepsItsNumberSoThatSqlitesCacheStaysGood() throws Exception {
    replica.touch(20);
    Opened opened = new Opened(replica);
    try (Session session = opened.session()) {
      byte[] before = Opened.read(session, 24, 16);
      opened.store.forget();
      opened.follow();
      assertThat(Opened.read(session, 24, 16)).isEqualTo(before);
      assertThat(opened.store.lists()).isEqualTo(1);
      assertThat(opened.store.gets()).isZero();
    }
  }

  @Test
  void aPinnedSessionKeepsTheViewOfItsOpening() throws Exception {
    replica.touch(20);
    Opened opened = new Opened(replica);
    opened.database.retain();
    try (Session session =
        opened.database.openSession(Opened.settings(Map.of("immutable", "1")), Opened.NEVER)) {
      replica.touch(30, 1);
      opened.follow();
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(1)));
      session.begin();
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(1)));
      session.end();
    }
  }

  /** A snapshot too large to be read whole, and level 0 files: what a reader holds on to. */
  private Opened large(long... changes) {
    ReplicaBuilder builder = new ReplicaBuilder(4096);
    byte[] database = new byte[1000 * 4096];
    new Random(4).nextBytes(database);
    builder.database(database);
    builder.snapshot();
    builder.delete(0, 1, 1);
    for (long pgno : changes) {
      builder.touch(1000, 1, (int) pgno);
    }
    // Hardly a page stays in so small a cache.
    return new Opened(builder, 1 << 20);
  }

  @Test
  void pagesThatWereMergedAndDeletedAreReadFromTheMergedFile() throws Exception {
    Opened opened = large(500, 600);
    ReplicaBuilder builder = opened.replica;
    try (Session session = opened.session()) {
      session.begin();
      builder.merge(1, 2, 3);
      builder.snapshot(3);
      builder.delete(9, 1, 1);
      builder.retainLevel0After(3);
      builder.touch(1000, 1, 700);
      byte[] right = builder.database(3);
      for (int pgno = 1000; pgno > 1; pgno -= 37) {
        if (pgno != 700) {
          assertThat(Opened.read(session, (pgno - 1) * 4096L, 4096))
              .as("page %d", pgno)
              .isEqualTo(Arrays.copyOfRange(right, (pgno - 1) * 4096, pgno * 4096));
        }
      }
      assertThat(session.txid()).isEqualTo("0000000000000003");
    }
  }

  @Test
  void pagesThatHaveNotChangedAreReadFromANewerStateWhenTheirOwnCannotBePlannedAnyMore()
      throws Exception {
    Opened opened = large(500, 600);
    ReplicaBuilder builder = opened.replica;
    try (Session session = opened.session()) {
      session.begin();
      builder.touch(1000, 1, 700);
      builder.merge(1, 3, 4);
      builder.snapshot(2);
      builder.delete(9, 1, 1);
      builder.retainLevel0After(4);
      // No plan ends at TXID 3, but the snapshot of TXID 2 has what neither 3 nor 4 has changed.
      byte[] right = builder.database(3);
      for (int pgno = 990; pgno > 1; pgno -= 37) {
        assertThat(Opened.read(session, (pgno - 1) * 4096L, 4096))
            .as("page %d", pgno)
            .isEqualTo(Arrays.copyOfRange(right, (pgno - 1) * 4096, pgno * 4096));
      }
      assertThatThrownBy(() -> Opened.read(session, 699 * 4096L, 4096))
          .hasMessageContaining("Page 700 of the state at TXID 0000000000000003");
    }
  }

  @Test
  void aPageThatIsGoneForGoodIsAnErrorAndTheNextTransactionWorks() throws Exception {
    Opened opened = large();
    ReplicaBuilder builder = opened.replica;
    builder.stopClock(); // two transactions within a millisecond: only TXIDs tell them apart
    try (Session session = opened.session()) {
      session.begin();
      builder.touch(1000, 1, 700);
      builder.snapshot();
      builder.delete(9, 1, 1);
      builder.retainLevel0After(2);
      assertThatThrownBy(() -> Opened.read(session, 699 * 4096L, 4096))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Page 700 of the state at TXID 0000000000000001")
          .hasMessageContaining("End the transaction and run it again");
      session.end();
      session.begin();
      assertThat(Opened.read(session, 699 * 4096L, 4096)).isEqualTo(builder.content(700, 2));
      session.end();
    }
  }

  @Test
  void aPageBeyondTheSizeOfANewerStateIsAnErrorWhenItsOwnStateIsGone() throws Exception {
    Opened opened = large();
    ReplicaBuilder builder = opened.replica;
    try (Session session = opened.session()) {
      session.begin();
      builder.touch(500, 1);
      builder.snapshot();
      builder.delete(9, 1, 1);
      assertThatThrownBy(() -> Opened.read(session, 699 * 4096L, 4096))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Page 700 of the state at TXID 0000000000000001");
    }
  }

  /** A session in a transaction whose snapshot is gone; another plan of its TXID is there. */
  private Opened merged(ReplicaBuilder builder, long snapshotLater) {
    byte[] first = new byte[1000 * 4096];
    new Random(4).nextBytes(first);
    builder.database(first);
    builder.touch(1000, 1, 500);
    ReplicaBuilder later = new ReplicaBuilder(new MemoryStore(), Layout.HEX, 4096, snapshotLater);
    later.touch(1000);
    later.database(builder.database(2));
    builder.put(9, 1, 2, later.bytes(later.snapshot()));
    return new Opened(builder, 1 << 20);
  }

  /** Removes the snapshot that the session's view is made of; the newest state has another. */
  private static void snapshotAgain(Opened opened) throws IOException {
    opened.replica.touch(1000, 1, 700);
    opened.replica.snapshot();
    opened.replica.delete(9, 1, 2);
    opened.clock.passMillis(31_000);
    opened.follow();
  }

  private static void readsItsState(Session session, ReplicaBuilder builder, int from)
      throws IOException {
    for (int pgno = from; pgno > 500; pgno -= 37) {
      assertThat(Opened.read(session, (pgno - 1) * 4096L, 4096))
          .as("page %d", pgno)
          .isEqualTo(builder.page(2, pgno));
    }
  }

  @Test
  void theSameStateIsReadFromOlderFilesThanTheViewHadItFrom() throws Exception {
    Opened opened = merged(new ReplicaBuilder(4096), 0);
    try (Session session = opened.session()) {
      session.begin();
      snapshotAgain(opened); // TXID 2 is what level 0 has: files 1 and 2
      readsItsState(session, opened.replica, 1000);
    }
  }

  @Test
  void whatASnapshotHadIsReadFromAMergedFileThoughASnapshotIsLaterByTime() throws Exception {
    Opened opened = merged(new ReplicaBuilder(4096), 500);
    opened.replica.merge(1, 1, 2);
    opened.replica.retainLevel0After(2);
    try (Session session = opened.session()) {
      session.begin();
      snapshotAgain(opened);
      readsItsState(session, opened.replica, 1000);
    }
  }

  @Test
  void aFailureWhileAnotherPlanIsReadIsThatFailureAndTheNextReadWorks() throws Exception {
    Opened opened = merged(new ReplicaBuilder(4096), 0);
    try (Session session = opened.session()) {
      session.begin();
      snapshotAgain(opened);
      readsItsState(session, opened.replica, 1000);
      opened.store.failNext(get -> true, StoreException.Kind.TEMPORARY);
      assertThatThrownBy(
              () -> {
                for (int pgno = 510; pgno < 1000; pgno++) {
                  Opened.read(session, (pgno - 1) * 4096L, 4096);
                }
              })
          .isInstanceOf(StoreException.class);
      readsItsState(session, opened.replica, 990);
    }
  }

  @Test
  void anInterruptWhileAnotherPlanIsMadeIsNoLossOfIt() throws Exception {
    Opened opened = merged(new ReplicaBuilder(4096), 0);
    AtomicBoolean interrupted = new AtomicBoolean();
    opened.database.retain();
    try (Session session =
        opened.database.openSession(Opened.settings(Map.of()), interrupted::get)) {
      session.begin();
      snapshotAgain(opened);
      opened.store.holdLists(true);
      interrupted.set(true);
      assertThatThrownBy(() -> Opened.read(session, 899 * 4096L, 4096))
          .isInstanceOf(InterruptedIOException.class);
      interrupted.set(false);
      opened.store.holdLists(false);
      readsItsState(session, opened.replica, 1000);
    }
  }

  @ParameterizedTest(name = "the new history is at TXID {0}, {1} days later")
  @CsvSource({"1,1", "3,1", "4,1", "7,1", "1,-1", "3,-1", "4,-1", "7,-1"})
  void aReplicaThatWasBegunAnewIsNeverMixedIntoAnOpenTransaction(int length, int days)
      throws Exception {
    Opened opened = large(500, 600, 700);
    ReplicaBuilder old = opened.replica;
    try (Session session = opened.session()) {
      session.begin();
      old.delete(9, 1, 1);
      old.retainLevel0After(4);
      // Another history under the same URL, by a clock of its own.
      ReplicaBuilder fresh = new ReplicaBuilder(old.store(), Layout.HEX, 4096, days * 86_400_000L);
      byte[] database = new byte[1000 * 4096];
      new Random(5).nextBytes(database);
      fresh.database(database);
      while (fresh.txid() < length) {
        fresh.touch(1000, 1);
      }
      assertThatThrownBy(() -> Opened.read(session, 899 * 4096L, 4096))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("run it again");
      session.end();
      assertThatThrownBy(session::begin)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("was replaced by another history")
          .hasMessageContaining("open it again");
      try (Session again = opened.session()) {
        assertThat(Opened.whole(again)).isEqualTo(Opened.plain(fresh.database(fresh.txid())));
      }
    }
  }

  @Test
  void aFailedReadIsAnErrorOfTheStoreAndTheSessionWorksAgain() throws Exception {
    Opened opened = large();
    try (Session session = opened.session()) {
      opened.store.failNext(request -> true, StoreException.Kind.TEMPORARY);
      assertThatThrownBy(() -> Opened.read(session, 499 * 4096L, 4096))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.TEMPORARY));
      assertThat(Opened.read(session, 499 * 4096L, 4096)).isEqualTo(opened.replica.page(1, 500));
    }
  }

  @Test
  void aReadThatWaitsIsInterrupted() throws Exception {
    Opened opened = large();
    opened.session().close();
    opened.database.retain();
    try (Session session = opened.database.openSession(Opened.settings(Map.of()), () -> true)) {
      opened.store.hold(request -> true);
      assertThatThrownBy(() -> Opened.read(session, 499 * 4096L, 4096))
          .isInstanceOf(InterruptedIOException.class)
          .hasMessageContaining("sqlite3_interrupt");
    }
  }

  @Test
  void statusAndStatsSayWhatTheDatabaseIsAndCost() throws Exception {
    replica.touch(20);
    replica.touch(20, 3);
    Opened opened = new Opened(replica);
    try (Session session = opened.session()) {
      var _ = Opened.whole(session);
      assertThat(session.time()).isEqualTo("2026-01-01T00:00:02.000Z");
      assertThat(session.statusJson())
          .startsWith("{\"replica\":\"s3://bucket/my.db\",\"txid\":\"0000000000000002\",")
          .contains("\"time\":\"2026-01-01T00:00:02.000Z\"")
          .contains("\"page_size\":512,\"pages\":20,\"lag_seconds\":0.000,")
          .contains(
              "\"last_error\":null,\"plan_error\":null,\"poll_interval\":\"1s\",\"max_staleness\":\"0s\",")
          .contains("\"plan_files\":2,");
      assertThat(session.statsJson())
          .contains("\"lists\":1,\"gets\":2,")
          .contains("\"cache_hits\":20,\"cache_misses\":0,")
          .contains("\"waits\":0");
    }
  }

  @Test
  void aMissingPageIsAnErrorAndNeverZeros() throws Exception {
    // A file that grows the database without its new page: no writer may leave that out.
    MemoryStore store = new MemoryStore();
    ReplicaBuilder builder = new ReplicaBuilder(store, Layout.HEX, 512, 0);
    builder.touch(10);
    ReplicaBuilder other = new ReplicaBuilder(new MemoryStore(), Layout.HEX, 512, 0);
    other.touch(12);
    other.touch(12, 1);
    builder.put(0, 2, 2, other.bytes(other.file(0, 2, 2)));
    try (Session session = new Opened(builder).session()) {
      assertThatThrownBy(() -> Opened.read(session, 10 * 512, 512))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Page 11 of 12 is in no LTX file")
          .hasMessageContaining("new snapshot");
    }
  }
}
