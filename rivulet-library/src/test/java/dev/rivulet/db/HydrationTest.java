package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database with a local file: what it answers, what it costs, and what it survives. */
class HydrationTest {
  private static final int PAGE = 512;

  @TempDir Path folder;

  private final ReplicaBuilder replica = new ReplicaBuilder(PAGE);
  private Path file = Path.of("");

  @BeforeEach
  void aPrimaryHasBegun() {
    file = folder.resolve("local.db");
    replica.touch(400);
    replica.touch(400, 7);
  }

  private Opened open() {
    return new Opened(replica);
  }

  private Session session(Opened opened) throws IOException {
    return session(opened, Map.of());
  }

  private Session session(Opened opened, Map<String, String> more) throws IOException {
    Map<String, String> parameters = new java.util.HashMap<>(more);
    parameters.putIfAbsent("hydration_path", file.toString());
    opened.database.retain();
    return opened.database.openSession(Opened.settings(parameters), Opened.NEVER);
  }

  private void close(Opened opened, Session... sessions) {
    for (Session s : sessions) {
      s.close();
    }
  }

  private byte[] now() {
    return Opened.plain(replica.database(replica.txid()));
  }

  private void isWhole(Path local) throws IOException {
    assertThat(Files.readAllBytes(local)).isEqualTo(replica.database(replica.txid()));
  }

  @Test
  void theFileBecomesTheDatabaseAndIsReadWithoutRequests() throws Exception {
    Opened opened = open();
    try (Session session = session(opened)) {
      assertThat(session.awaitHydration(10_000)).isTrue();
      assertThat(session.hydrationProgress()).isEqualTo("100.0");
      assertThat(session.hydrationFile()).isEqualTo(file.toString());
      isWhole(file);
      opened.store.forget();
      assertThat(Opened.whole(session)).isEqualTo(now());
      assertThat(opened.store.requests()).isEmpty();
    }
  }

  @Test
  void itFollowsGrowthShrinkAndGrowthAgain() throws Exception {
    Opened opened = open();
    try (Session session = session(opened)) {
      int[] sizes = {420, 300, 500, 200, 450};
      for (int size : sizes) {
        replica.touch(size, 1, 5, 150);
        opened.follow();
        assertThat(Opened.whole(session)).isEqualTo(now());
        assertThat(session.awaitHydration(10_000)).isTrue();
        isWhole(file);
      }
    }
  }

  @Test
  void aTransactionKeepsItsViewWhileTheFileGoesOn() throws Exception {
    Opened opened = open();
    try (Session session = session(opened)) {
      assertThat(session.awaitHydration(10_000)).isTrue();
      session.begin();
      byte[] before = Opened.whole(session);
      for (int i = 0; i < 5; i++) {
        replica.touch(300 + 50 * i, 1, 2, 3 + i);
        opened.follow();
        assertThat(session.awaitHydration(10_000)).isTrue();
        assertThat(Opened.whole(session)).isEqualTo(before);
      }
      session.end();
      assertThat(Opened.whole(session)).isEqualTo(now());
    }
  }

  @Test
  void anotherHistoryLeavesNothingOfTheFirst() throws Exception {
    Opened opened = open();
    try (Session session = session(opened)) {
      assertThat(session.awaitHydration(10_000)).isTrue();
      ReplicaBuilder anew =
          new ReplicaBuilder(replica.store(), dev.rivulet.replica.Layout.HEX, PAGE, 1_000_000);
      replica.delete(0, 1, 1);
      replica.delete(0, 2, 2);
      anew.touch(300);
      anew.touch(300, 9);
      anew.touch(300, 10);
      opened.follow();
      try (Session next = session(opened)) {
        assertThat(next.awaitHydration(10_000)).isTrue();
        assertThat(Opened.whole(next)).isEqualTo(Opened.plain(anew.database(3)));
        assertThat(Files.readAllBytes(file)).isEqualTo(anew.database(3));
      }
    }
  }

  @Test
  void aKeptFileCostsOnlyWhatIsNew() throws Exception {
    Opened first = open();
    Session session = session(first);
    assertThat(session.awaitHydration(10_000)).isTrue();
    close(first, session);
    first.database.endHydration();
    for (int i = 0; i < 20; i++) {
      replica.touch(400, 30 + i);
    }
    Opened second = open();
    try (Session again = session(second)) {
      assertThat(again.awaitHydration(10_000)).isTrue();
      assertThat(Opened.whole(again)).isEqualTo(now());
      isWhole(file);
      // The files are small, so that each is one request: none of them was read twice.
      assertThat(second.store.requests()).hasSize(1 + 22);
    }
  }
}
