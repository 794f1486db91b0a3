package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.Txid;
import dev.rivulet.page.View;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.MemoryStore;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A database that follows its primary: what each poll costs, and what it makes of what it finds.
 */
class FollowTest {
  private final ReplicaBuilder replica = new ReplicaBuilder(512);
  private final Opened opened = new Opened(replica);

  @BeforeEach
  void aPrimaryHasBegun() {
    replica.touch(50);
    replica.touch(50, 7);
  }

  private void isCurrent(Session session) throws IOException {
    assertThat(session.txid()).isEqualTo(String.format("%016x", replica.txid()));
    assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(replica.txid())));
  }

  private List<String> requests() {
    return opened.store.requests().stream().map(r -> r.kind() + " " + r.what()).toList();
  }

  private static String list(int level, long from) {
    return String.format("LIST 000%d/ after 000%d/%016x", level, level, from);
  }

  // Operation counts

  @Test
  void aPollWithNothingNewIsOneListFromTheLastKnownFile() throws Exception {
    try (Session session = opened.session()) {
      opened.store.forget();
      opened.follow();
      assertThat(requests()).containsExactly(list(0, 2));
      isCurrent(session);
    }
  }

  @Test
  void aReplicaWithoutLevel0IsFollowedByOneListToo() throws Exception {
    replica.snapshot();
    replica.retainLevel0After(2);
    try (Session session = opened.session()) {
      opened.store.forget();
      opened.follow();
      assertThat(requests()).containsExactly(list(0, 2));
      replica.touch(50, 9);
      opened.follow();
      isCurrent(session);
    }
  }

  @Test
  void aNewFileIsOneGetAndItsPagesCostNothingMore() throws Exception {
    try (Session session = opened.session()) {
      var _ = Opened.whole(session);
      replica.touch(52, 3, 4);
      opened.store.forget();
      opened.follow();
      assertThat(requests()).containsExactly(list(0, 2), "GET " + replica.key(0, 3, 3));
      isCurrent(session);
      assertThat(opened.store.requests()).hasSize(2);
    }
  }

  @Test
  void aCompactionIsNotNoticedUntilANewPlanIsDue() throws Exception {
    try (Session session = opened.session()) {
      var _ = Opened.whole(session);
      replica.touch(50, 8);
      opened.follow();
      replica.merge(1, 1, 2);
      replica.retainLevel0After(2);
      opened.store.forget();
      opened.follow();
      assertThat(requests()).containsExactly(list(0, 3));
      isCurrent(session);
    }
  }

  @Test
  void aNewPlanIsOneListAndTheFilesNotKnownYet() throws Exception {
    try (Session session = opened.session()) {
      replica.touch(50, 8);
      opened.follow();
      int number = session.view().number();
      replica.merge(1, 1, 2);
      opened.clock.passMillis(31_000);
      opened.store.forget();
      opened.follow();
      assertThat(requests())
          .containsExactly(list(0, 3), "LIST 000 after ", "GET " + replica.key(1, 1, 2));
      assertThat(session.view().number())
          .as("the same state, so that SQLite's page cache stays good")
          .isEqualTo(number);
      // The map has moved: what retention deletes now is not needed any more.
      replica.retainLevel0After(2);
      opened.store.forget();
      isCurrent(session);
      assertThat(opened.store.lists()).isZero();
    }
  }

  @Test
  void whereAPlanTakesMoreListsThereAreFewerPlans() throws Exception {
    for (int i = 0; i < 1_100; i++) {
      replica.touch(50, i % 50 + 1);
    }
    try (Session session = opened.session()) {
      // Four LISTs: of everything, levels 2 to 9, level 1, and level 0, which has several pages.
      assertThat(opened.store.lists()).isGreaterThanOrEqualTo(4);
      LtxFile merged = replica.merge(1, 1, 1_000);
      opened.clock.passMillis(39_000);
      opened.follow();
      assertThat(session.view().plan().files()).doesNotContain(merged);
      opened.clock.passMillis(2_000);
      opened.follow();
      assertThat(session.view().plan().files()).contains(merged);
    }
  }

  @Test
  void morePagesThanOneOfNewFilesLeadToANewPlan() throws Exception {
    try (Session session = opened.session()) {
      for (int i = 0; i < 1_100; i++) {
        replica.touch(50, i % 50 + 1);
      }
      opened.follow();
      isCurrent(session);
    }
  }

  @Test
  void thatNothingKnownIsLeftIsBelievedOnlyIfAllFilesWereListed() throws Exception {
    for (int i = 2; i < 1_100; i++) {
      replica.touch(50, i % 50 + 1);
    }
    long last = replica.txid();
    replica.merge(1, 1, 1);
    for (long txid = 2; txid < last; txid++) {
      replica.merge(1, txid, txid);
    }
    replica.retainLevel0After(last - 1);
    try (Session session = opened.session()) {
      assertThat(session.view().plan().files()).hasSize((int) last);
      // What the higher levels reach makes the rest of level 1, which is known, not worth listing.
      replica.merge(2, 1_000, last);
      replica.snapshot();
      for (long txid = 1_000; txid < last; txid++) {
        replica.delete(1, txid, txid);
      }
      replica.retainLevel0After(last);
      opened.clock.passMillis(61_000);
      opened.follow();
      session.begin();
      isCurrent(session);
      assertThat(session.view().plan().files()).hasSize(1);
      session.end();
    }
  }

  @Test
  void ofTheSameTxidButAnotherTimeAStateIsReadAnewIfItMayBeAnother() throws Exception {
    replica.touch(50, 3);
    try (Session session = opened.session()) {
      int number = session.view().number();
      // Restored to TXID 2, written to again, and only a snapshot tells: of the time of its making.
      ReplicaBuilder other = new ReplicaBuilder(new MemoryStore(), Layout.HEX, 512, 60_000);
      other.touch(50);
      other.touch(50, 7);
      other.touch(50, 4);
      replica.delete(0, 3, 3);
      replica.put(9, 1, 3, other.bytes(other.snapshot()));
      opened.clock.passMillis(31_000);
      opened.follow();
      assertThat(session.view().number())
          .as("SQLite's page cache is of no use")
          .isGreaterThan(number);
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(other.database(3)));
    }
  }

  @Test
  void aPlanThatFailsDoesNotKeepNewTransactionsBack() throws Exception {
    try (Session session = opened.session()) {
      for (int i = 0; i < 3; i++) {
        replica.touch(50, 8 + i);
        long txid = replica.txid();
        LtxFile merged = replica.merge(1, 1, txid);
        replica.damage(merged, -3, 1);
        opened.clock.passMillis(31_000);
        opened.follow();
        isCurrent(session);
        // Nor does one that is made because a file was gone.
        assertThatThrownBy(() ->
                opened
                    .database
                    .publisher()
                    .planAgain(opened.database.publisher().newest(), Opened.NEVER))
            .hasMessageContaining("is damaged");
      }
      replica.touch(50, 20);
      opened.follow();
      isCurrent(session);
    }
  }

  @Test
  void aPlanThatFailsIsReportedAndTriedAgainAfterAWhile() throws Exception {
    try (Session session = opened.session()) {
      replica.touch(50, 8);
      opened.follow();
      LtxFile merged = replica.merge(1, 1, 3);
      byte[] good = replica.bytes(merged);
      replica.damage(merged, -3, 1);
      opened.clock.passMillis(31_000);
      opened.follow();
      assertThat(session.statusJson())
          .contains("\"last_error\":null,\"plan_error\":\"The replica ", "is damaged");
      assertThat(session.lagSeconds()).as("nothing newer is there").isZero();
      opened.clock.passMillis(9_000);
      opened.store.forget();
      opened.follow();
      assertThat(requests()).containsExactly(list(0, 3));
      replica.put(1, 1, 3, good);
      opened.clock.passMillis(2_000);
      opened.follow();
      assertThat(session.statusJson()).contains("\"plan_error\":null");
      replica.retainLevel0After(3);
      isCurrent(session);
    }
  }

  @Test
  void manyNewFilesAreReadInOneRoundTrip() throws Exception {
    try (Session session = opened.session()) {
      View before = session.view();
      List<LtxFile> files = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        long txid = replica.touch(50, i + 1);
        files.add(replica.file(0, txid, txid));
      }
      var made = opened.store.rounds(() -> opened.database.pages().extend(before, files, 99));
      assertThat(made.rounds()).isEqualTo(1);
      assertThat(made.value().txid().value()).isEqualTo(22);
      opened.follow();
      isCurrent(session);
    }
  }

  @Test
  void whoWasAwayForManyFilesPlansAnew() throws Exception {
    try (Session session = opened.session()) {
      for (int i = 0; i < 150; i++) {
        replica.touch(50, i % 50 + 1);
      }
      replica.merge(1, 1, 152);
      opened.store.forget();
      opened.follow();
      assertThat(opened.store.lists()).isEqualTo(2);
      assertThat(opened.store.gets()).as("the merged file").isEqualTo(1);
      isCurrent(session);
    }
  }

  @Test
  void aDayOfIdlingIsARequestAMinute() throws Exception {
    try (Session session = opened.session()) {
      PollSchedule schedule = opened.database.follower().schedule();
      opened.store.forget();
      long end = opened.clock.nanos() + 86_400_000_000_000L;
      while (schedule.dueNanos() < end) {
        opened.clock.passMillis(
            Math.max(1, (schedule.dueNanos() - opened.clock.nanos()) / 1_000_000));
        opened.database.pollInBackground(Opened.NEVER);
      }
      assertThat(opened.store.gets()).isZero();
      assertThat(opened.store.lists()).isBetween(1_200, 1_470);
      // Who reads then waits for one poll, and reads what is newest.
      replica.touch(50, 9);
      opened.clock.passMillis(20_000);
      opened.store.forget();
      session.begin();
      assertThat(requests())
          .containsExactly(list(0, 2), "GET " + replica.key(0, 3, 3), "LIST 000 after ");
      isCurrent(session);
      session.end();
    }
  }

  // Readers

  @Test
  void aTransactionNeverWaitsForTheStoreWhileItIsFollowed() throws Exception {
    try (Session session = opened.session()) {
      for (int i = 0; i < 30; i++) {
        opened.clock.passMillis(1_000);
        opened.follow();
        replica.touch(50, i + 1);
        opened.store.forget();
        session.begin();
        assertThat(opened.store.requests()).isEmpty();
        session.end();
      }
    }
  }

  @Test
  void aTransactionKeepsItsViewWhateverIsPublished() throws Exception {
    try (Session session = opened.session()) {
      session.begin();
      byte[] before = Opened.whole(session);
      String status = session.txid() + session.time();
      for (int i = 0; i < 5; i++) {
        replica.touch(50 - 9 * i, 1);
        opened.follow();
        assertThat(Opened.whole(session)).isEqualTo(before);
        assertThat(session.txid() + session.time()).isEqualTo(status);
      }
      session.end();
      session.begin();
      isCurrent(session);
      assertThat(session.time())
          .as("the time of its view, not of its opening")
          .isEqualTo("2026-01-01T00:00:07.000Z");
      session.end();
    }
  }

  @Test
  void whatIsTooStaleIsNotRead() throws Exception {
    try (Session session = opened.session()) {
      assertThat(session.setMaxStaleness("5s")).isEqualTo("5s");
      opened.clock.passMillis(6_000);
      opened.store.failNextList(StoreException.Kind.TEMPORARY);
      assertThatThrownBy(session::begin)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is 6 s old, and max_staleness is 5s")
          .hasMessageContaining("The last poll failed: fault TEMPORARY");
      opened.clock.passMillis(1);
      session.begin();
      isCurrent(session);
      session.end();
    }
  }

  @Test
  void transactionsMayBeginWithoutAskingForAMomentAndNotBeyondTheirStaleness() throws Exception {
    try (Session session = opened.session()) {
      session.begin();
      assertThat(session.mayBeginUntilNanos()).isEqualTo(opened.clock.nanos() + 10_000_000);
      session.setMaxStaleness("5s");
      opened.clock.passMillis(4_995);
      assertThat(session.mayBeginUntilNanos()).isEqualTo(opened.clock.nanos() + 5_000_000);
      session.setPollInterval("10ms");
      assertThat(session.mayBeginUntilNanos()).isEqualTo(opened.clock.nanos() + 100_000);
    }
  }

  @Test
  void aFailedListIsNeverNothingNew() throws Exception {
    try (Session session = opened.session()) {
      replica.touch(50, 3);
      opened.clock.passMillis(4_000);
      opened.store.failNextList(StoreException.Kind.TEMPORARY);
      assertThatThrownBy(opened::follow).isInstanceOf(StoreException.class);
      assertThat(session.lagSeconds()).isEqualTo(4);
      assertThat(session.statusJson()).contains("\"last_error\":\"fault TEMPORARY\"");
      opened.follow();
      assertThat(session.lagSeconds()).isZero();
      assertThat(session.statusJson()).contains("\"last_error\":null");
      isCurrent(session);
    }
  }

  @Test
  void aPollWhoseStoreIsClosedUnderItAtTheEndIsNoTrouble() throws Exception {
    try (Session session = opened.session()) {
      isCurrent(session);
      opened.store.forget();
      opened.store.failNextList(StoreException.Kind.TEMPORARY);
      assertThatThrownBy(
              () -> opened.database.publisher().pollInBackground(() -> opened.store.lists() > 0))
          .isInstanceOf(InterruptedIOException.class);
      assertThat(opened.database.follower().lastError()).isNull();
      opened.store.failNextList(StoreException.Kind.TEMPORARY);
      assertThatThrownBy(() -> opened.database.publisher().pollInBackground(Opened.NEVER))
          .isInstanceOf(StoreException.class);
      assertThat(opened.database.follower().lastError()).isNotNull();
    }
  }

  @Test
  void refreshReadsWhatThePrimaryHasJustWritten() throws Exception {
    try (Session session = opened.session()) {
      replica.touch(50, 3);
      assertThat(session.refresh()).isEqualTo("0000000000000003");
      isCurrent(session);
    }
  }

  // What compaction and retention do

  @Test
  void anOlderMergedFileNeverHidesANewerPage() throws Exception {
    try (Session session = opened.session()) {
      for (int i = 0; i < 4; i++) {
        replica.touch(50, 7);
      }
      opened.follow();
      replica.touch(50, 7);
      opened.follow();
      // Level 1 is found later, and ends earlier: page 7 is that of TXID 7, not 6.
      replica.merge(1, 3, 6);
      opened.clock.passMillis(31_000);
      opened.follow();
      isCurrent(session);
    }
  }

  @Test
  void growthIsNotTakenForAShrinkNorAShrinkForAReplacement() throws Exception {
    try (Session session = opened.session()) {
      for (int i = 0; i < 6; i++) {
        replica.touch(51 + i, 2);
        opened.follow();
      }
      replica.merge(1, 3, 6);
      opened.clock.passMillis(31_000);
      opened.follow();
      isCurrent(session);
      replica.touch(30, 1, 2);
      opened.follow();
      isCurrent(session);
      replica.touch(45, 1);
      opened.follow();
      isCurrent(session);
    }
  }

  @Test
  void filesThatStraddleOrOverlapAreFollowed() throws Exception {
    replica.merge(2, 1, 2);
    replica.retainLevel0After(1);
    try (Session session = opened.session()) {
      for (int i = 0; i < 8; i++) {
        replica.touch(50, i + 1);
      }
      // No level 1 file ends where the plan's level 2 file does, and two compactors overlap.
      replica.merge(1, 2, 5);
      replica.merge(1, 4, 8);
      replica.retainLevel0After(7);
      opened.follow();
      isCurrent(session);
      replica.touch(50, 11);
      replica.merge(1, 6, 11);
      opened.clock.passMillis(31_000);
      opened.follow();
      isCurrent(session);
    }
  }

  @Test
  void aTransactionReadsOnFromAnotherPlanOfItsStateUntilThereIsNone() throws Exception {
    Opened small = new Opened(replica, 1 << 20);
    for (int i = 0; i < 3; i++) {
      replica.touch(9_000, 8_000 + i); // more than the cache has
    }
    replica.snapshot();
    replica.retainLevel0After(4);
    try (Session session = small.session()) {
      session.begin();
      replica.merge(1, 5, 5);
      replica.put(2, 1, 5, replica.bytes(replica.file(9, 1, 5)));
      replica.touch(9_000, 600);
      replica.snapshot();
      replica.delete(9, 1, 5);
      small.clock.passMillis(31_000);
      small.follow();
      // The newest plan has every page in the snapshot of TXID 6, where page 600 is another.
      for (int pgno = 500; pgno < 6_000; pgno += 100) {
        assertThat(Opened.read(session, (pgno - 1) * 512L, 512)).isEqualTo(replica.page(5, pgno));
      }
      replica.delete(2, 1, 5);
      assertThatThrownBy(() -> Opened.read(session, 6_600 * 512L, 512))
          .hasMessageContaining("is no longer in the replica")
          .rootCause()
          .hasMessageContaining("the nearest after it is 0000000000000006");
      session.end();
      session.begin();
      isCurrent(session);
      session.end();
    }
  }

  @ParameterizedTest(name = "level 0 is kept after TXID {0}, and {1} ms have passed")
  @CsvSource({"31,0", "32,0", "31,7200000", "32,7200000"})
  void whoWasAwayLongerThanEverythingIsKeptGoesOn(long gone, long millis) throws Exception {
    try (Session session = opened.session()) {
      session.begin();
      session.end();
      for (int i = 0; i < 30; i++) {
        replica.touch(50, i + 1);
      }
      replica.snapshot();
      replica.retainLevel0After(gone);
      opened.clock.passMillis(millis);
      opened.follow();
      session.begin();
      isCurrent(session);
      session.end();
    }
  }

  @Test
  void aGapIsAnErrorUntilItIsFilledAndThenForgotten() throws Exception {
    try (Session session = opened.session()) {
      replica.touch(50, 3);
      replica.touch(50, 4);
      byte[] missing = replica.bytes(replica.file(0, 3, 3));
      replica.delete(0, 3, 3);
      assertThatThrownBy(opened::follow).hasMessageContaining("has a gap");
      assertThat(session.txid()).isEqualTo("0000000000000002");
      replica.put(0, 3, 3, missing);
      opened.follow();
      isCurrent(session);
    }
  }

  @Test
  void aDamagedNewFileIsReadFromWhereItWasMerged() throws Exception {
    try (Session session = opened.session()) {
      replica.touch(50, 3);
      LtxFile good = replica.file(0, 3, 3);
      byte[] bytes = replica.bytes(good);
      replica.damage(good, -3, 1);
      assertThatThrownBy(opened::follow).hasMessageContaining("is damaged");
      assertThat(session.txid()).isEqualTo("0000000000000002");
      replica.put(1, 3, 3, bytes);
      opened.follow();
      isCurrent(session);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyStateIsExactWhateverIsMergedAndDeletedMeanwhile(long seed) throws Exception {
    Random random = new Random(seed);
    long kept = 0;
    long merged = 0;
    try (Session session = opened.session()) {
      for (int step = 0; step < 60; step++) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          replica.random(random, 60);
        }
        if (random.nextInt(3) == 0 && replica.txid() > merged) {
          replica.merge(1, merged + 1, replica.txid());
          merged = replica.txid();
        }
        if (random.nextInt(15) == 0) {
          replica.snapshot();
        }
        if (random.nextInt(4) == 0 && merged > kept) {
          for (long t = kept + 1; t <= Math.min(merged, replica.txid() - 1); t++) {
            replica.delete(0, t, t);
          }
          kept = merged;
        }
        opened.clock.passMillis(random.nextInt(12_000));
        opened.follow();
        session.begin();
        isCurrent(session);
        session.end();
      }
    }
  }

  // A replica that was replaced

  @ParameterizedTest(name = "the new history is at TXID {0}")
  @ValueSource(ints = {1, 2, 3, 5})
  void aReplacedReplicaIsAnErrorForOpenConnectionsAndNewOnesWork(int length) throws Exception {
    try (Session session = opened.session()) {
      replica.retainLevel0After(2);
      ReplicaBuilder fresh = new ReplicaBuilder(replica.store(), Layout.HEX, 512, 86_400_000);
      fresh.touch(20);
      while (fresh.txid() < length) {
        fresh.touch(20, 5);
      }
      opened.follow();
      assertThatThrownBy(session::begin)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("was replaced by another history")
          .hasMessageContaining("open it again");
      try (Session again = opened.session()) {
        again.begin();
        assertThat(Opened.whole(again)).isEqualTo(Opened.plain(fresh.database(length)));
        again.end();
      }
    }
  }

  private void isAnErrorForOpenConnectionsAndNewOnesRead(Session session, byte[] newest)
      throws IOException {
    assertThatThrownBy(session::begin).hasMessageContaining("was replaced by another history");
    try (Session again = opened.session()) {
      again.begin();
      assertThat(Opened.whole(again)).isEqualTo(Opened.plain(newest));
      again.end();
    }
  }

  @Test
  void aReplicaThatWentBackIsAnotherThoughAllThatIsLeftIsKnown() throws Exception {
    replica.touch(50, 3);
    try (Session session = opened.session()) {
      replica.delete(0, 3, 3);
      opened.follow();
      isAnErrorForOpenConnectionsAndNewOnesRead(session, replica.database(2));
    }
  }

  @Test
  void anotherTransactionOfTheSameTxidIsAnotherHistoryThoughTheOlderFilesAreKnown()
      throws Exception {
    replica.merge(1, 1, 2);
    replica.retainLevel0After(2);
    replica.touch(50, 3);
    try (Session session = opened.session()) {
      // Restored to TXID 2 and written to again; what was written is merged already.
      ReplicaBuilder other = new ReplicaBuilder(new MemoryStore(), Layout.HEX, 512, 60_000);
      other.touch(50);
      other.touch(50, 7);
      other.touch(50, 4);
      replica.delete(0, 3, 3);
      replica.put(1, 3, 3, other.bytes(other.file(0, 3, 3)));
      opened.follow();
      assertThatThrownBy(session::begin).hasMessageContaining("was replaced by another history");
    }
  }

  @Test
  void anotherSnapshotOfTheSameTxidAndNothingElseIsAnotherHistory() throws Exception {
    replica.snapshot();
    replica.retainLevel0After(2);
    try (Session session = opened.session()) {
      ReplicaBuilder fresh = new ReplicaBuilder(replica.store(), Layout.HEX, 512, 86_400_000);
      fresh.touch(20);
      fresh.touch(20, 5);
      fresh.snapshot();
      fresh.retainLevel0After(2);
      opened.clock.passMillis(31_000);
      opened.follow();
      isAnErrorForOpenConnectionsAndNewOnesRead(session, fresh.database(2));
    }
  }

  @Test
  void whatIsLaterByTxidAndOlderByTimeIsAnotherHistoryIfNothingIsKnown() throws Exception {
    try (Session session = opened.session()) {
      replica.retainLevel0After(2);
      ReplicaBuilder older = new ReplicaBuilder(replica.store(), Layout.HEX, 512, -86_400_000);
      older.touch(20);
      for (int i = 0; i < 4; i++) {
        older.touch(20, 5);
      }
      older.snapshot();
      older.retainLevel0After(5);
      opened.follow();
      isAnErrorForOpenConnectionsAndNewOnesRead(session, older.database(5));
    }
  }

  @Test
  void aConnectionOfAReplacedReplicaTellsOfItsOwnAndCannotTravel() throws Exception {
    replica.touch(50, 3);
    try (Session session = opened.session()) {
      String txid = session.txid();
      replica.delete(0, 3, 3);
      opened.follow();
      assertThat(session.txid()).as("outside a transaction too").isEqualTo(txid);
      for (Moment moment : new Moment[] {new Moment.Latest(), new Moment.At(new Txid(1))}) {
        assertThatThrownBy(() -> session.travel(moment))
            .hasMessageContaining("was replaced by another history");
      }
      assertThat(session.txid()).isEqualTo(txid);
    }
  }

  @Test
  void aWipedReplicaIsAFailedPollAndTheLastStateIsReadOn() throws Exception {
    try (Session session = opened.session()) {
      replica.retainLevel0After(2);
      assertThatThrownBy(opened::follow).hasMessageContaining("There is no replica");
      session.begin();
      isCurrent(session);
      session.end();
      assertThat(session.statusJson()).contains("\"last_error\":\"There is no replica");
    }
  }

  @Test
  void aSnapshotMadeAgainUnderItsNameIsNoOtherHistory() throws Exception {
    replica.snapshot();
    replica.retainLevel0After(1);
    try (Session session = opened.session()) {
      ReplicaBuilder forced = new ReplicaBuilder(512);
      forced.touch(50);
      forced.touch(50, 7);
      forced.stopClock();
      LtxFile again = forced.snapshot();
      replica.put(9, 1, 2, forced.bytes(again));
      replica.touch(50, 4);
      opened.clock.passMillis(31_000);
      opened.follow();
      session.begin();
      assertThat(session.txid()).isEqualTo("0000000000000003");
      session.end();
    }
  }

  @Test
  void theIntervalIsTheDatabasesAndIsCheckedWhenItIsSet() throws Exception {
    try (Session one = opened.session();
        Session other =
            opened.database.openSession(
                Opened.settings(Map.of("poll_interval", "250ms")), Opened.NEVER)) {
      assertThat(one.pollInterval()).isEqualTo("250ms");
      assertThat(other.setPollInterval("1m30s")).isEqualTo("90s");
      assertThat(one.pollInterval()).isEqualTo("90s");
      assertThatThrownBy(() -> one.setPollInterval("often"))
          .hasMessage(
              "litestream_poll_interval must be a duration from 10ms to 24h, like 1s or 250ms, and not \"often\"");
    }
  }
}
