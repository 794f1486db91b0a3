package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.replica.Layout;
import dev.rivulet.store.FileStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many connections and many replicas in one process. */
class DatabasesTest {
  @TempDir Path folder;

  private ReplicaBuilder replica(String name, int seed) {
    FileStore store = new FileStore(folder.resolve(name));
    ReplicaBuilder replica = new ReplicaBuilder(store, Layout.DECIMAL, 4096, seed);
    replica.touch(20);
    return replica;
  }

  private Session open(String name) throws IOException, SettingsException {
    return Databases.open(
        Settings.resolve("file://" + folder.resolve(name), Map.of(), n -> null), Opened.NEVER);
  }

  @Test
  void connectionsToOneReplicaShareOneMapAndCache() throws Exception {
    ReplicaBuilder replica = replica("a", 1);
    try (Session first = open("a");
        Session second = open("a")) {
      assertThat(second.view().map()).isSameAs(first.view().map());
      byte[] right = Opened.plain(replica.database(1));
      assertThat(Opened.whole(first)).isEqualTo(right);
      assertThat(Opened.whole(second)).isEqualTo(right);
      assertThat(second.statsJson()).contains("\"gets\":1,");
    }
  }

  @Test
  void replicasOfOneProcessAreDifferentDatabases() throws Exception {
    ReplicaBuilder a = replica("a", 1);
    ReplicaBuilder b = replica("b", 2);
    try (Session first = open("a");
        Session second = open("b")) {
      assertThat(Opened.whole(first)).isEqualTo(Opened.plain(a.database(1)));
      assertThat(Opened.whole(second)).isEqualTo(Opened.plain(b.database(1)));
      assertThat(Opened.whole(first)).isNotEqualTo(Opened.whole(second));
    }
  }

  @Test
  void aFailedOpenLeavesOtherConnectionsAlone() throws Exception {
    ReplicaBuilder a = replica("a", 1);
    try (Session first = open("a")) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> open("missing")).hasMessageContaining("There is no replica at");
        assertThat(Opened.whole(first)).isEqualTo(Opened.plain(a.database(1)));
      }
    }
  }

  @Test
  void aDatabaseWithoutConnectionsIsKeptForTheNextOne() throws Exception {
    ReplicaBuilder replica = replica("kept", 1);
    open("kept").close();
    try (Session again = open("kept")) {
      assertThat(Opened.whole(again)).isEqualTo(Opened.plain(replica.database(1)));
      assertThat(again.statsJson()).as("nothing was read again").contains("\"gets\":1,");
    }
  }

  @Test
  void onlySoManyIdleDatabasesAreKeptAndNoneThatIsOpen() throws Exception {
    ReplicaBuilder held = replica("held", 7);
    try (Session session = open("held")) {
      for (int i = 0; i < 20; i++) {
        replica("idle" + i, i);
        open("idle" + i).close();
      }
      try (Session first = open("idle0");
          Session last = open("idle19")) {
        // The oldest was given up and read anew into statistics of its own; the newest was kept.
        assertThat(first.view().number()).isEqualTo(1);
        assertThat(last.statsJson()).contains("\"gets\":1,");
        assertThat(first.view().map()).isNotNull();
      }
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(held.database(1)));
    }
  }

  @Test
  void theLargestCacheAnybodyAskedForCounts() throws Exception {
    replica("a", 1);
    String url = "file://" + folder.resolve("a");
    try (Session session =
        Databases.open(
            Settings.resolve(url, Map.of("cache_size", "40MiB"), n -> null), Opened.NEVER)) {
      assertThat(session.size()).isEqualTo(20 * 4096);
    }
  }

  @Test
  void anOpenConnectionIsFollowedAndNobodyPollsWithoutOne() throws Exception {
    ReplicaBuilder replica = replica("a", 1);
    Map<String, String> often = Map.of("poll_interval", "20ms");
    Settings settings = Settings.resolve("file://" + folder.resolve("a"), often, n -> null);
    long polls;
    try (Session session = Databases.open(settings, Opened.NEVER)) {
      replica.touch(22, 3);
      Awaitility.await().until(() -> session.txid().endsWith("2"));
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(2)));
    }
    try (Session session = Databases.open(settings, Opened.NEVER)) {
      polls = lists(session);
    }
    Thread.sleep(200); // ten intervals, in which a follower that goes on would poll
    try (Session session = Databases.open(settings, Opened.NEVER)) {
      assertThat(lists(session)).isBetween(polls, polls + 2);
    }
  }

  @Test
  void manyConnectionsToOneReplicaAreFollowedByOneThread() throws Exception {
    replica("a", 1);
    Set<Thread> before = followers();
    try (Session first = open("a");
        Session second = open("a");
        Session third = open("a")) {
      assertThat(third.view()).isSameAs(first.view()).isSameAs(second.view());
      Set<Thread> begun = followers();
      begun.removeAll(before);
      assertThat(begun).hasSize(1);
    }
  }

  private static Set<Thread> followers() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().equals("rivulet-follower"));
    return threads;
  }

  private static long lists(Session session) {
    String stats = session.statsJson();
    int from = stats.indexOf("\"lists\":") + 8;
    return Long.parseLong(stats.substring(from, stats.indexOf(',', from)));
  }
}
