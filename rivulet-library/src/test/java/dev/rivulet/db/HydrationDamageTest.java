package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.LtxDecoder;
import dev.rivulet.replica.LtxFile;
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
