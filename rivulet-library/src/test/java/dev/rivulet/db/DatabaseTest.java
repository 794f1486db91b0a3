package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.Txid;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Opening: what is in the way, and what is planned again. */
class DatabaseTest {
  private final ReplicaBuilder replica = new ReplicaBuilder(512);
  private final Opened opened = new Opened(replica);

  @Test
  void anEmptyReplicaIsAnErrorAtOnce() {
    assertThatThrownBy(opened::session)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("There is no replica at s3://bucket/my.db: no LTX files lie there")
        .hasMessageContaining("Check the URL's bucket and path");
    assertThat(opened.store.lists()).as("and is not waited for").isEqualTo(1);
  }

  @Test
  void aFileDeletedBetweenListingAndReadingIsPlannedAround() throws Exception {
    replica.touch(10);
    replica.touch(10, 2);
    opened.store.beforeNextGet(() -> {
      replica.merge(1, 1, 2);
      replica.retainLevel0After(2);
    });
    try (Session session = opened.session()) {
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(2)));
    }
    assertThat(opened.store.lists()).isEqualTo(2);
  }

  @Test
  void aFileReplacedUnderItsNameIsPlannedAgain() throws Exception {
    replica.touch(10);
    ReplicaBuilder other = new ReplicaBuilder(512);
    other.touch(12, 1);
    opened.store.beforeNextGet(() -> replica.put(0, 1, 1, other.bytes(other.file(0, 1, 1))));
    try (Session session = opened.session()) {
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(other.database(1)));
    }
  }

  @Test
  void aGapIsLookedAtAgainBeforeItIsAnError() throws Exception {
    replica.touch(10);
    replica.touch(10, 2);
    replica.touch(10, 3);
    byte[] second = replica.bytes(replica.file(0, 2, 2));
    replica.delete(0, 2, 2);
    assertThatThrownBy(opened::session)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("The replica s3://bucket/my.db has a gap: its files reach TXID")
        .hasMessageContaining("new snapshot");
    assertThat(opened.store.lists()).isEqualTo(4);
    replica.put(0, 2, 2, second);
    try (Session session = opened.session()) {
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(3)));
    }
  }

  @Test
  void aFileThatStraddlesWhatNobodyMergedIsFoundOnTheSecondLook() throws Exception {
    // More than a thousand files, and a level 1 file of a second compactor that begins before the
    // last file of level 2 and bridges what retention took.
    replica.touch(4);
    for (int i = 2; i <= 1100; i++) {
      replica.touch(4, 2);
    }
    for (int min = 1; min + 9 <= 1050; min += 10) {
      replica.merge(2, min, min + 9);
    }
    replica.merge(1, 1015, 1060);
    for (int i = 1041; i <= 1060; i++) {
      replica.delete(0, i, i);
    }
    replica.snapshot(1040);
    for (int min = 1041; min <= 1041; min += 10) {
      replica.delete(2, min, min + 9);
    }
    try (Session session = opened.session()) {
      assertThat(session.txid()).isEqualTo("000000000000044c");
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(1100)));
    }
  }

  @Test
  void aDamagedFileSaysWhichAndWhatToDo() {
    replica.touch(10);
    replica.damage(replica.file(0, 1, 1), -3, 1);
    assertThatThrownBy(opened::session)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("The replica s3://bucket/my.db cannot be opened: LTX file")
        .hasMessageContaining("0000/0000000000000001-0000000000000001.ltx is damaged");
  }

  @Test
  void filesOfTwoPageSizesAreRefused() {
    replica.touch(10);
    ReplicaBuilder other = new ReplicaBuilder(1024);
    other.touch(10);
    other.touch(10, 1);
    replica.put(0, 2, 2, other.bytes(other.file(0, 2, 2)));
    assertThatThrownBy(opened::session)
        .hasMessageContaining("its page size is 1024, that of the files before it 512");
  }

  @Test
  void anErrorOfTheStoreIsThatErrorAndTheNextOpenWorks() throws Exception {
    replica.touch(10);
    opened.store.failNext(request -> true, StoreException.Kind.FORBIDDEN);
    assertThatThrownBy(opened::session)
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.FORBIDDEN));
    opened.session().close();
  }

  @Test
  void anOpenThatWaitsIsInterrupted() {
    replica.touch(10);
    opened.store.hold(request -> true);
    assertThatThrownBy(() -> opened.database.openSession(Opened.settings(Map.of()), () -> true))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessageContaining("sqlite3_interrupt");
  }

  @Test
  void aSecondConnectionCostsNoGetAndSharesTheMap() throws Exception {
    replica.touch(100);
    try (Session first = opened.session()) {
      var _ = Opened.whole(first);
      opened.store.forget();
      try (Session second = opened.session()) {
        assertThat(second.view().map()).isSameAs(first.view().map());
        assertThat(Opened.whole(second)).isEqualTo(Opened.plain(replica.database(1)));
      }
      assertThat(opened.store.gets()).isZero();
      assertThat(opened.store.lists()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void aNewViewCostsItsNewFilesOnly() throws Exception {
    replica.touch(100);
    opened.session().close();
    for (int i = 0; i < 5; i++) {
      replica.touch(100, i + 1);
      opened.store.forget();
      opened.follow();
      assertThat(opened.store.lists()).isEqualTo(1);
      assertThat(opened.store.gets()).isEqualTo(1);
    }
  }

  @Test
  void afterAFailedLookTheOldViewIsWhole() throws Exception {
    replica.touch(100);
    try (Session session = opened.session()) {
      replica.touch(50, 1);
      opened.store.failNext(request -> true, StoreException.Kind.TEMPORARY);
      assertThatThrownBy(opened::follow).isInstanceOf(StoreException.class);
      assertThat(session.size()).isEqualTo(100 * 512);
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(1)));
      opened.follow();
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(2)));
    }
  }

  @Test
  void openingWritesNothing() throws Exception {
    assertThatThrownBy(opened::session).isInstanceOf(IOException.class);
    replica.touch(4);
    opened.store.forget();
    opened.session().close();
    assertThat(opened.store.requests()).allMatch(r -> r.kind().matches("LIST|GET"));
  }

  @Test
  void readersGoOnWhileAnotherWaitsForTheStore() throws Exception {
    replica.touch(20);
    try (Session session = opened.session()) {
      replica.touch(20, 3);
      opened.store.hold(request -> true);
      Thread follower =
          new Thread(() -> {
            try {
              opened.follow();
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      follower.start();
      while (opened.store.held().isEmpty()) {
        Thread.onSpinWait();
      }
      // It holds the planning lock and waits; readers of the published view need neither.
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(1)));
      opened.store.held().getFirst().finish();
      follower.join();
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(2)));
    }
  }

  @Test
  void aLookThatBeganEarlierNeverMovesTheNewestStateBack() throws Exception {
    replica.touch(20);
    try (Session session = opened.session()) {
      replica.touch(20, 3);
      String second = replica.key(0, 2, 2);
      opened.store.hold(get -> get.key().equals(second));
      Thread early = new Thread(() -> unchecked(opened::follow));
      early.start();
      while (opened.store.held().isEmpty()) {
        Thread.onSpinWait();
      }
      // What a later look finds does not need the file that the first one waits for.
      replica.touch(20, 4);
      replica.merge(1, 1, 3);
      Published seen = opened.database.publisher().newest();
      Txid[] found = new Txid[1];
      Thread late =
          new Thread(() ->
              unchecked(() ->
                  found[0] =
                      opened.database.publisher().planAgain(seen, Opened.NEVER).view().txid()));
      late.start();
      late.join(500); // it waits for the first one; if it did not, it would be done by then
      opened.store.held().getFirst().finish();
      early.join();
      late.join();
      assertThat(session.view().txid()).isGreaterThanOrEqualTo(found[0]);
      opened.follow();
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(3)));
    }
  }

  private interface Call {
    void run() throws IOException;
  }

  private static void unchecked(Call call) {
    try {
      call.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
