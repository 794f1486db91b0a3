package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.LtxDecoder;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What of a damaged replica gets into the local file, and what who waits for it is told. */
class HydrationDamageTest {
  private static final int PAGE = 512;

  /** A snapshot of so many is larger than what is read whole at the open. */
  private static final int FEW = 9_000;

  /** And of so many than what hydration reads in one request. */
  private static final int MANY = 40_000;

  @TempDir Path folder;

  private final ReplicaBuilder replica = new ReplicaBuilder(PAGE);

  private LtxFile snapshotOf(int pages) {
    replica.touch(pages);
    LtxFile snapshot = replica.snapshot();
    replica.retainLevel0After(1);
    return snapshot;
  }

  private Session session(Opened opened) throws IOException {
    opened.database.retain();
    return opened.database.openSession(
        Opened.settings(Map.of("hydration_path", local().toString())), Opened.NEVER);
  }

  private Path local() {
    return folder.resolve("local.db");
  }

  private static HydrationState state(Session session) {
    return Objects.requireNonNull(session.hydration());
  }

  /** Waits until hydration has found something to complain of. */
  private static String trouble(Session session) {
    Awaitility.await().until(() -> state(session).trouble() != null);
    return Objects.requireNonNull(state(session).trouble());
  }

  @Test
  void aDamagedFrameKeepsItsPageOutAndNoOther() throws Exception {
    LtxFile snapshot = snapshotOf(MANY);
    replica.damage(snapshot, lastByteOfFrame(snapshot, MANY / 2) + 1, 1); // a page number
    Opened opened = new Opened(replica, 1 << 20);
    try (Session session = session(opened)) {
      assertThat(trouble(session)).contains("is damaged");
      assertThat(state(session).pages()).isEqualTo(MANY - 1);
      assertThat(session.hydrationProgress()).isEqualTo("99.9");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {FEW, MANY})
  void ofAFileThatIsReadWholeNothingStaysInIfItsChecksumIsWrong(int pages) throws Exception {
    LtxFile snapshot = snapshotOf(pages);
    // An LZ4 block ends with bytes as they are, so that this decodes to another page.
    LtxFile damaged = replica.damage(snapshot, lastByteOfFrame(snapshot, pages / 2), 1);
    assertThat(damaged.size() > 4 << 20).isEqualTo(pages == MANY);
    Opened opened = new Opened(replica, 1 << 20);
    try (Session session = session(opened)) {
      assertThat(trouble(session)).contains(damaged.key()).contains("the file checksum is");
      assertThat(state(session).pages()).isZero();
      assertThatThrownBy(() -> session.awaitHydration(60_000))
          .hasMessageContaining("cannot end")
          .hasMessageContaining("the file checksum is");
      // Who reads all the same gets what there is, and it stays out.
      assertThat(Opened.whole(session)).hasSize(pages * PAGE);
      assertThat(state(session).pages()).isZero();

      replica.touch(pages, 3);
      opened.follow();
      assertThat(state(session).pages()).isEqualTo(1);
      Awaitility.await()
          .during(300, TimeUnit.MILLISECONDS)
          .until(() -> state(session).trouble() != null);

      replica.touch(pages, pages / 2);
      replica.snapshot();
      replica.delete(9, 1, 1);
      opened.clock.passMillis(61_000); // until the other levels are looked at again
      opened.follow();
      Awaitility.await().until(() -> state(session).trouble() == null);
      assertThat(session.awaitHydration(60_000)).isTrue();
      assertThat(Files.readAllBytes(local())).isEqualTo(replica.database(3));
    }
  }

  @Test
  void whoWaitsIsNeverToldThatAFileIsCompleteBeforeItsChecksumWasCompared() throws Exception {
    LtxFile snapshot = snapshotOf(MANY);
    replica.damage(snapshot, lastByteOfFrame(snapshot, MANY / 2), 1);
    Opened opened = new Opened(replica, 1 << 20);
    try (Session session = session(opened)) {
      while (state(session).trouble() == null) {
        assertThat(session.hydrationProgress()).isNotEqualTo("100.0");
      }
      assertThatThrownBy(() -> session.awaitHydration(60_000)).hasMessageContaining("cannot end");
    }
  }

  @Test
  void aLargeFileIsVerifiedWithoutReadingAByteOfItTwice() throws Exception {
    LtxFile snapshot = snapshotOf(MANY);
    Opened opened = new Opened(replica, 1 << 20);
    try (Session session = session(opened)) {
      opened.store.forget();
      assertThat(session.awaitHydration(60_000)).isTrue();
      // But what was read at the open, to find out what there is.
      assertThat(opened.store.requests().stream().mapToLong(request -> request.length()).sum())
          .isEqualTo(snapshot.size());
      assertThat(Files.readAllBytes(local())).isEqualTo(replica.database(replica.txid()));
    }
  }

  /** Lets the first piece of a file through, and none of the others. */
  private static void holdAllButTheFirstPiece(Opened opened) {
    // What is read at the open, to find out what there is, is short.
    opened.store.hold(
        request -> request.range().offset() > 3 << 20 && request.range().length() > 1 << 20);
  }

  private static void awaitTheFirstPiece(Session session) {
    Awaitility.await()
        .during(200, TimeUnit.MILLISECONDS)
        .until(() -> state(session).pages() > MANY / 3);
    assertThat(state(session).pages()).isLessThan(MANY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLargeFileIsVerifiedAlthoughTheProcessEndedInTheMiddle(boolean damaged) throws Exception {
    LtxFile snapshot = snapshotOf(MANY);
    if (damaged) {
      replica.damage(snapshot, lastByteOfFrame(snapshot, MANY / 4), 1);
    }
    Opened first = new Opened(replica, 1 << 20);
    holdAllButTheFirstPiece(first);
    try (Session session = session(first)) {
      awaitTheFirstPiece(session);
    }
    Opened second = new Opened(replica, 1 << 20);
    try (Session session = session(second)) {
      second.store.forget();
      if (damaged) {
        assertThat(trouble(session)).contains("the file checksum is");
        assertThat(state(session).pages()).isZero();
      } else {
        assertThat(session.awaitHydration(60_000)).isTrue();
        assertThat(Files.readAllBytes(local())).isEqualTo(replica.database(replica.txid()));
      }
      assertThat(second.store.requests().stream().mapToLong(request -> request.length()).sum())
          .as("nothing that was read before")
          .isLessThan(snapshot.size() - (3 << 20));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLargeFileIsVerifiedAlthoughTheStoreFailedInTheMiddle(boolean damaged) throws Exception {
    LtxFile snapshot = snapshotOf(MANY);
    if (damaged) {
      replica.damage(snapshot, lastByteOfFrame(snapshot, MANY / 4), 1);
    }
    Opened opened = new Opened(replica, 1 << 20);
    opened.store.failNext(
        request -> request.range().offset() > 3 << 20 && request.range().length() > 1 << 20,
        StoreException.Kind.TEMPORARY);
    try (Session session = session(opened)) {
      opened.store.forget();
      if (damaged) {
        Awaitility.await()
            .until(() -> String.valueOf(state(session).trouble()).contains("the file checksum is"));
        assertThat(state(session).pages()).isZero();
      } else {
        assertThat(session.awaitHydration(60_000)).isTrue();
        assertThat(Files.readAllBytes(local())).isEqualTo(replica.database(replica.txid()));
      }
      assertThat(opened.store.requests().stream().filter(r -> r.length() > 1 << 20))
          .as("three pieces, one of them twice")
          .hasSize(4);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ofALargeFileThatNothingProvesAnyMoreNothingStaysIn(boolean restarted) throws Exception {
    LtxFile snapshot = snapshotOf(MANY);
    replica.damage(snapshot, lastByteOfFrame(snapshot, MANY / 4), 1);
    replica.touch(MANY, 3);
    Opened opened = new Opened(replica, 1 << 20);
    holdAllButTheFirstPiece(opened);
    try (Session session = session(opened)) {
      awaitTheFirstPiece(session);
      // The same state in another file, so that nothing of it is newer than what is there.
      replica.merge(1, 1, 1);
      replica.delete(9, 1, 1);
      if (!restarted) {
        opened.clock.passMillis(61_000);
        opened.follow();
        assertThat(state(session).pages()).as("but what the page cache has").isLessThan(1_000);
        opened.store.hold(request -> false);
        opened.store.held().forEach(RecordingStore.Held::finish);
        assertThat(session.awaitHydration(60_000)).isTrue();
      }
    }
    if (restarted) {
      try (Session session = session(new Opened(replica, 1 << 20))) {
        assertThat(session.awaitHydration(60_000)).isTrue();
      }
    }
    assertThat(Files.readAllBytes(local())).isEqualTo(replica.database(2));
  }

  /** The file offset of the last byte of the frame of a page. */
  private long lastByteOfFrame(LtxFile file, int pgno) throws Exception {
    byte[] bytes = replica.bytes(file);
    LtxDecoder decoder = new LtxDecoder((page, content) -> {});
    decoder.accept(bytes, 0, bytes.length);
    decoder.finish();
    int rank = decoder.index().rank(pgno);
    return decoder.index().offset(rank) + decoder.index().size(rank) - 1;
  }
}
