package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.Layout;
import dev.rivulet.store.CountingStore;
import dev.rivulet.store.MemoryStore;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sessions that go to another moment. */
class TravelTest {
  private final ReplicaBuilder replica = new ReplicaBuilder(512);
  private final Opened opened = new Opened(replica);

  private void fill(int transactions) {
    replica.touch(20);
    for (int i = 2; i <= transactions; i++) {
      replica.touch(20 + i % 3, 1, i % 20 + 1);
    }
  }

  private static Moment at(long txid) {
    return new Moment.At(new Txid(txid));
  }

  private Moment justAfter(long txid) {
    return new Moment.Before(replica.time(txid) + 1);
  }

  private void assertReads(Session session, long txid) throws IOException {
    assertThat(session.txid()).isEqualTo(new Txid(txid).toString());
    assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(txid)));
  }

  @Test
  void aSessionGoesToATimeOrATxidAndBackAndSaysWhereItIs() throws Exception {
    fill(10);
    try (Session session = opened.session()) {
      assertReads(session, 10);
      Reached reached = session.travel(justAfter(4));
      assertThat(reached).isEqualTo(new Reached(new Txid(4), replica.time(4)));
      assertThat(reached).hasToString("2026-01-01T00:00:04.000Z 0000000000000004");
      assertThat(session.time()).isEqualTo("2026-01-01T00:00:04.000Z");
      assertReads(session, 4);
      session.travel(at(7));
      assertReads(session, 7);
      assertThat(session.travel(Moment.LATEST).txid()).isEqualTo(new Txid(10));
      assertReads(session, 10);
    }
  }

  @Test
  void aTimeIsStrict() throws Exception {
    fill(5);
    try (Session session = opened.session()) {
      session.travel(new Moment.Before(replica.time(3)));
      assertReads(session, 2);
      session.travel(new Moment.Before(replica.time(3) + 1));
      assertReads(session, 3);
    }
  }

  @Test
  void whoIsAwayStaysThereWhateverThePrimaryDoes() throws Exception {
    fill(5);
    try (Session session = opened.session()) {
      session.travel(at(3));
      replica.touch(30, 2);
      opened.follow();
      session.begin();
      assertReads(session, 3);
      session.end();
      assertReads(session, 3);
      session.travel(Moment.LATEST);
      assertReads(session, 6);
    }
  }

  @Test
  void insideAReadTransactionTravellingIsRefused() throws Exception {
    fill(5);
    try (Session session = opened.session()) {
      session.begin();
      assertThatThrownBy(() -> session.travel(at(3)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("inside a read transaction");
      assertReads(session, 5);
      session.end();
      session.travel(at(3));
      assertReads(session, 3);
    }
  }

  @Test
  void aPinnedSessionDoesNotTravelButOpensAnywhere() throws Exception {
    fill(5);
    opened.database.retain();
    Settings pinned = Opened.settings(Map.of("immutable", "1", "txid", "2"));
    try (Session session = opened.database.openSession(pinned, Opened.NEVER)) {
      assertReads(session, 2);
      assertThatThrownBy(() -> session.travel(at(3))).hasMessageContaining("immutable=1");
      assertReads(session, 2);
    }
  }

  @Test
  void anOpenAtAMomentDoesNotLoadTheNewestState() throws Exception {
    fill(5);
    replica.snapshot(3);
    opened.database.retain();
    Settings past = Opened.settings(Map.of("time", "2026-01-01T00:00:03.5Z"));
    try (Session session = opened.database.openSession(past, Opened.NEVER)) {
      assertReads(session, 3);
    }
    assertThat(opened.store.lists()).isEqualTo(1);
    assertThat(opened.store.requests())
        .as("files 4 and 5 are not read whole")
        .noneMatch(r -> r.what().startsWith("0000/") && r.length() > 100);
  }

  @Test
  void aJumpIsOneListingAndTheFilesNotKnownYet() throws Exception {
    fill(40);
    replica.snapshot(20);
    try (Session session = opened.session()) {
      opened.store.forget();
      session.travel(at(11));
      assertReads(session, 11);
      assertThat(opened.store.lists()).isEqualTo(1);
      assertThat(opened.store.gets()).as("files 1 to 11").isEqualTo(11);
      opened.store.forget();
      session.travel(at(15));
      assertReads(session, 15);
      assertThat(opened.store.lists()).isEqualTo(1);
      assertThat(opened.store.gets()).as("files 12 to 15").isEqualTo(4);
    }
  }

  @Test
  void aMomentVisitedBeforeCostsNoRequest() throws Exception {
    fill(40);
    replica.snapshot(20);
    try (Session session = opened.session()) {
      int[] order = {3, 30, 11, 25, 8, 39};
      for (int txid : order) {
        session.travel(justAfter(txid));
        assertReads(session, txid);
      }
      opened.store.forget();
      for (int txid : order) {
        session.travel(justAfter(txid));
        session.travel(at(txid));
        assertReads(session, txid);
      }
      assertThat(opened.store.requests()).isEmpty();
    }
  }

  @Test
  void aMomentThatIsNotYetPastIsLookedAtAgain() throws Exception {
    fill(5);
    Moment soon = new Moment.Before(replica.time(7));
    try (Session session = opened.session()) {
      session.travel(soon);
      assertReads(session, 5);
      replica.touch(20, 3);
      session.travel(soon);
      assertReads(session, 6);
      replica.touch(20, 3);
      session.travel(soon);
      assertReads(session, 6);
      opened.store.forget();
      session.travel(soon);
      assertThat(opened.store.requests()).isEmpty();
    }
  }

  @Test
  void viewsAwayHaveNumbersOfTheirOwnAndTheSameStateTheSameNumber() throws Exception {
    fill(12);
    try (Session one = opened.session();
        Session two = opened.session()) {
      assertThat(ViewNumbers.isAway(one.view().number())).isFalse();
      one.travel(justAfter(4));
      int four = one.view().number();
      assertThat(ViewNumbers.isAway(four)).isTrue();
      one.travel(at(5));
      assertThat(one.view().number()).isNotEqualTo(four);
      one.travel(at(4));
      assertThat(one.view().number()).isEqualTo(four);
      two.travel(new Moment.Before(replica.time(4) + 500));
      assertThat(two.view().number()).isEqualTo(four);
      // Also when it is made of other files.
      replica.merge(1, 1, 4);
      replica.merge(1, 5, 8);
      opened.database.travel().forget();
      one.travel(at(4));
      assertThat(one.view().plan().files()).hasSize(1);
      assertThat(one.view().number()).isEqualTo(four);
      assertReads(one, 4);
    }
  }

  @Test
  void anotherHistoryOfTheSameTxidHasAnotherNumber() {
    ViewNumbers numbers = new ViewNumbers();
    int first = numbers.of(new Txid(4), 1000, 512, 20);
    assertThat(numbers.of(new Txid(4), 1001, 512, 20)).isNotEqualTo(first);
    assertThat(numbers.of(new Txid(4), 1000, 512, 20)).isEqualTo(first);
  }

  @Test
  void twoMomentsAtOnceShareTheirPages() throws Exception {
    replica.touch(200);
    replica.touch(200, 5);
    try (Session now = opened.session();
        Session past = opened.session()) {
      Opened.whole(now);
      past.travel(at(1));
      opened.store.forget();
      assertReads(past, 1);
      assertReads(now, 2);
      assertThat(opened.store.requests()).isEmpty();
    }
  }

  @Test
  void aMomentThatCannotBeHadNamesTheNearestAndTheSessionStays() throws Exception {
    fill(10);
    replica.merge(1, 1, 4);
    replica.merge(1, 5, 8);
    replica.retainLevel0After(8);
    try (Session session = opened.session()) {
      session.travel(at(4));
      assertThatThrownBy(() -> session.travel(at(6)))
          .hasMessageStartingWith("The replica s3://bucket/my.db cannot give TXID 0000000000000006")
          .hasMessageContaining("nearest before it is 0000000000000004")
          .hasMessageContaining("nearest after it is 0000000000000008");
      assertThatThrownBy(() -> session.travel(justAfter(1)))
          .hasMessageContaining(
              "the oldest state that can be had is that of 2026-01-01T00:00:04.000Z")
          .hasMessageContaining("TXID 0000000000000004");
      assertThatThrownBy(() -> session.travel(at(11))).hasMessageContaining("000000000000000a");
      assertReads(session, 4);
    }
  }

  /** 1000 pages that do not fit the cache: they are read from the files when they are wanted. */
  private static Opened large() {
    ReplicaBuilder builder = new ReplicaBuilder(4096);
    Random random = new Random(5);
    byte[] database = new byte[1000 * 4096];
    random.nextBytes(database);
    builder.database(database);
    builder.snapshot();
    builder.touch(1000, 1, 500);
    builder.touch(1000, 9);
    builder.delete(0, 1, 1);
    return new Opened(builder, 1 << 20);
  }

  @Test
  void aSessionAwayWhoseFilesWereMergedReadsTheSameStateFromTheMergedOne() throws Exception {
    Opened large = large();
    ReplicaBuilder builder = large.replica;
    byte[] right = builder.database(2);
    try (Session session = large.session()) {
      session.travel(at(2));
      session.begin();
      builder.snapshot(2);
      builder.delete(9, 1, 1);
      builder.delete(0, 2, 2);
      for (int pgno = 1000; pgno > 1; pgno -= 99) {
        assertThat(Opened.read(session, (pgno - 1) * 4096L, 4096))
            .as("page %d", pgno)
            .isEqualTo(Arrays.copyOfRange(right, (pgno - 1) * 4096, pgno * 4096));
      }
      session.end();
    }
  }

  @Test
  void aSessionAwayNeverReadsWhatWasRestoredAndWrittenAnewUnderItsTxid() throws Exception {
    Opened large = large();
    ReplicaBuilder builder = large.replica;
    builder.touch(1000, 11);
    try (Session session = large.session()) {
      session.travel(at(3));
      session.begin();
      // Restored to TXID 2; the transactions after that are others, and have not written page 9.
      builder.snapshot(2);
      builder.delete(9, 1, 1);
      builder.delete(0, 3, 3);
      builder.delete(0, 4, 4);
      ReplicaBuilder other = new ReplicaBuilder(new MemoryStore(), Layout.HEX, 4096, 60_000);
      other.touch(1000);
      other.touch(1000, 1);
      other.touch(1000, 700);
      builder.put(0, 3, 3, other.bytes(other.file(0, 3, 3)));
      assertThat(Opened.read(session, 899 * 4096L, 4096)).isEqualTo(builder.page(3, 900));
      assertThatThrownBy(() -> Opened.read(session, 8 * 4096L, 4096))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("Page 9 of the state at TXID 0000000000000003");
      session.end();
    }
  }

  @Test
  void aSessionAwayWhoseStateIsGoneGetsAnErrorAndCanGoElsewhere() throws Exception {
    Opened large = large();
    ReplicaBuilder builder = large.replica;
    try (Session session = large.session()) {
      session.travel(at(2));
      builder.snapshot(3);
      builder.delete(9, 1, 1);
      builder.delete(0, 2, 2);
      assertThatThrownBy(() -> Opened.read(session, 699 * 4096L, 4096))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot give TXID 0000000000000002")
          .hasMessageContaining("nearest after it is 0000000000000003");
      session.travel(at(3));
      assertThat(Opened.read(session, 8 * 4096L, 4096)).isEqualTo(builder.content(9, 3));
      assertThat(session.txid()).isEqualTo("0000000000000003");
    }
  }

  @Test
  void aFailedJumpLeavesTheSessionWhereItWas() throws Exception {
    fill(5);
    try (Session session = opened.session()) {
      session.travel(at(2));
      opened.store.failNext(get -> true, StoreException.Kind.OTHER);
      opened.database.travel().forget();
      replica.snapshot(4);
      assertThatThrownBy(() -> session.travel(at(4))).isInstanceOf(IOException.class);
      assertReads(session, 2);
    }
  }

  @Test
  void aFailedJumpLeavesAFollowingSessionFollowing() throws Exception {
    fill(5);
    try (Session session = opened.session()) {
      assertThatThrownBy(() -> session.travel(at(99))).isInstanceOf(IOException.class);
      replica.touch(20, 3);
      opened.follow();
      session.begin();
      assertReads(session, 6);
      session.end();
    }
  }

  @Test
  void aDayOldReplicaIsReadAtAnyMomentInFewRoundTrips() throws Exception {
    DayOldReplica.build(replica);
    Random random = new Random(3);
    for (int i = 0; i < 6; i++) {
      long before = replica.time(2 + random.nextInt((int) replica.txid())) + 1;
      try (RoundsStore store = new RoundsStore(replica.store())) {
        Opened fresh = new Opened(replica, store, 32 << 20);
        Session session = fresh.session();
        CountingStore.Counts counts = fresh.database.store().counts();
        fresh.store.forget();
        session.travel(new Moment.Before(before));
        Opened.read(session, 0, 512);
        CountingStore.Counts cost = fresh.database.store().counts().since(counts);
        assertThat(cost.sequence()).as("round trips in sequence").isLessThanOrEqualTo(8);
        long headers = fresh.store.requests().stream().filter(r -> r.length() == 100).count();
        assertThat(headers).as("header reads").isLessThanOrEqualTo(60);
        assertThat(cost.gets())
            .as("headers and the files of the plan")
            .isLessThanOrEqualTo(headers + session.view().plan().files().size() + 2);
        assertThat(cost.lists()).isLessThanOrEqualTo(6);
        assertReads(session, Long.parseUnsignedLong(session.txid(), 16));
        assertThat(session.view().timeMillis()).isLessThan(before);
      }
    }
  }
}
