package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.replica.Layout;
import dev.rivulet.store.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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
      ReplicaBuilder anew = new ReplicaBuilder(replica.store(), Layout.HEX, PAGE, 1_000_000);
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
    keep();
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

  @Test
  void withAHundredNewFilesTheFirstRowOfAKeptOneIsTwoRoundTripsAway() throws Exception {
    keep();
    for (int i = 0; i < 100; i++) {
      replica.touch(400, 30 + i);
    }
    try (RoundsStore store = new RoundsStore(replica.store())) {
      Opened second = new Opened(replica, store, 32 << 20);
      try (Session again = session(second)) {
        again.begin();
        for (int pgno : new int[] {1, 2, 30, 129, 400}) {
          assertThat(Opened.read(again, (pgno - 1) * (long) PAGE + 100, PAGE - 100))
              .isEqualTo(Arrays.copyOfRange(replica.page(102, pgno), 100, PAGE));
        }
        again.end();
        assertThat(second.database.store().counts().sequence()).as("LIST, GETs").isEqualTo(2);
        assertThat(again.awaitHydration(10_000)).isTrue();
        isWhole(file);
      }
    }
  }

  @Test
  void aKeptFileIsCutIfTheDatabaseShrankMeanwhile() throws Exception {
    keep();
    replica.touch(300, 1);
    try (Session again = session(open())) {
      assertThat(again.awaitHydration(10_000)).isTrue();
      isWhole(file);
    }
  }

  @Test
  void aRequestForWhichThereIsNoMemoryIsMadeAgainAndNobodyWaitsForIt() throws Exception {
    replica.touch(9_000); // larger than what is read whole at the open
    Opened opened = new Opened(replica, 1 << 20);
    failNextOfHydrator(opened);
    Session session = session(opened);
    assertThat(session.awaitHydration(10_000)).isTrue();
    isWhole(file);
    session.close();
  }

  private static void failNextOfHydrator(Opened opened) {
    opened.store.beforeNextGet(() -> {
      if (Thread.currentThread().getName().equals("rivulet-hydrator")) {
        throw new OutOfMemoryError("planted");
      }
      failNextOfHydrator(opened);
    });
  }

  @Test
  void anEditedFileIsNoticedPageByPage() throws Exception {
    keep();
    byte[] bytes = Files.readAllBytes(file);
    for (int page = 20; page < 40; page++) {
      bytes[page * PAGE + 100] ^= 1;
    }
    Files.write(file, bytes);
    Opened second = open();
    try (Session again = session(second)) {
      assertThat(Opened.whole(again)).isEqualTo(now());
      assertThat(again.awaitHydration(10_000)).isTrue();
      isWhole(file);
    }
  }

  /** Hydrates, and ends as a host does. */
  private void keep() throws IOException {
    Opened first = open();
    Session session = session(first);
    assertThat(session.awaitHydration(10_000)).isTrue();
    session.close();
    first.database.hydration().end(false);
  }

  @Test
  void aDamagedSidecarOrNoneOfThisReplicaStartsAnew() throws Exception {
    Path sidecar = folder.resolve("local.db.rivulet");
    keep();
    byte[] good = Files.readAllBytes(sidecar);
    for (int at = 0; at < good.length; at += 97) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(sidecar, bad);
      // As if it had every page, of another database.
      Files.write(file, new byte[400 * PAGE]);
      try (Session again = session(open())) {
        assertThat(Opened.whole(again)).isEqualTo(now());
      }
    }
    for (int length : new int[] {0, 7, 20, 40, good.length - 1}) {
      Files.write(sidecar, java.util.Arrays.copyOf(good, length));
      Files.write(file, new byte[400 * PAGE]);
      try (Session again = session(open())) {
        assertThat(Opened.whole(again)).isEqualTo(now());
      }
    }
  }

  @Test
  void theFileOfAnotherReplicaIsRebuiltAndNotBelieved() throws Exception {
    keep();
    ReplicaBuilder other = new ReplicaBuilder(new MemoryStore(), Layout.HEX, PAGE, 5_000_000);
    other.touch(400);
    other.touch(400, 7);
    other.touch(400, 8);
    Opened opened = new Opened(other);
    try (Session session = session(opened)) {
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(other.database(3)));
      assertThat(session.awaitHydration(10_000)).isTrue();
      assertThat(Files.readAllBytes(file)).isEqualTo(other.database(3));
    }
  }

  @Test
  void whatNoFileInTheStoreProvesIsFetchedAgain() throws Exception {
    replica.snapshot();
    replica.touch(400, 9);
    keep(); // to TXID 3
    // The primary was restored to TXID 2, and went on otherwise.
    ReplicaBuilder restored = new ReplicaBuilder(replica.store(), Layout.HEX, PAGE, 0);
    restored.touch(400);
    restored.touch(400, 7);
    restored.later(9_000_000);
    restored.touch(400, 11);
    restored.touch(400, 12);
    Opened opened = new Opened(restored);
    try (Session session = session(opened)) {
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(restored.database(4)));
    }
  }

  @Test
  void whatNoFileInTheStoreProvesAnyMoreIsFetchedAgainWhileItIsOpen() throws Exception {
    replica.touch(400, 9);
    Opened opened = open();
    try (Session session = session(opened)) {
      assertThat(session.awaitHydration(10_000)).isTrue(); // to TXID 3
      // The primary was restored to TXID 2, and went on; what would tell was merged meanwhile.
      ReplicaBuilder restored = new ReplicaBuilder(new MemoryStore(), Layout.HEX, PAGE, 0);
      restored.touch(400);
      restored.touch(400, 7);
      restored.later(9_000_000);
      restored.touch(400, 11);
      restored.touch(400, 12);
      replica.delete(0, 3, 3);
      replica.put(1, 3, 4, restored.bytes(restored.merge(1, 3, 4)));
      opened.follow();
      assertThat(session.txid()).isEqualTo("0000000000000004");
      assertThat(Opened.whole(session)).isEqualTo(Opened.plain(restored.database(4)));
      assertThat(session.awaitHydration(10_000)).isTrue();
      assertThat(Files.readAllBytes(file)).isEqualTo(restored.database(4));
    }
  }

  @Test
  void anotherProgramsFileIsLeftAlone() throws Exception {
    Files.writeString(file, "precious");
    Opened opened = open();
    try (Session session = session(opened)) {
      assertThat(Opened.whole(session)).isEqualTo(now());
      assertThat(session.statusJson()).contains("was not made by hydration");
      assertThatThrownBy(() -> session.awaitHydration("1"))
          .hasMessageContaining("There is no hydration to wait for: it exists, and was not made");
    }
    assertThat(file).hasContent("precious");
    assertThat(folder.resolve("local.db.rivulet")).doesNotExist();
  }

  @Test
  void aSecondDatabaseWithTheSameFileWorksWithout() throws Exception {
    Opened opened = open();
    Opened second = open();
    try (Session session = session(opened);
        Session without = session(second)) {
      assertThat(session.awaitHydration(10_000)).isTrue();
      assertThat(without.statusJson()).contains("another process, or another database of this one");
      assertThat(Opened.whole(without)).isEqualTo(now());
      assertThat(without.hydration()).isNull();
      try (Session shares = session(opened)) {
        assertThat(shares.hydrationProgress()).isEqualTo("100.0");
      }
    }
    second.database.hydration().end(false);
    opened.database.hydration().end(false);
    try (Session next = session(second)) {
      assertThat(next.awaitHydration(10_000)).isTrue();
    }
  }

  @Test
  void whatIsNotKeptLeavesNothingBehindWhileItIsUsed() throws Exception {
    Opened opened = open();
    try (Session session = session(opened, Map.of("hydration_persist", "false"))) {
      assertThat(session.awaitHydration(10_000)).isTrue();
      assertThat(folder).isEmptyDirectory();
      assertThat(session.hydrationFile()).isEmpty();
      opened.store.forget();
      assertThat(Opened.whole(session)).isEqualTo(now());
      assertThat(opened.store.requests()).isEmpty();
    }
  }

  @Test
  void aFileThatIsRemovedIsBegunAgain() throws Exception {
    Opened opened = open();
    try (Session session = session(opened)) {
      assertThat(session.awaitHydration(10_000)).isTrue();
      Files.delete(file);
      assertThat(Opened.whole(session)).isEqualTo(now());
      await(() -> Files.exists(file) && Files.size(file) == now().length);
      isWhole(file);
      assertThat(Opened.whole(session)).isEqualTo(now());
    }
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(Condition condition) throws Exception {
    for (int i = 0; i < 1000 && !condition.holds(); i++) {
      Thread.sleep(10);
    }
    assertThat(condition.holds()).isTrue();
  }

  @Test
  void aMomentOfThePastIsReadFromTheFileAsFarAsThatApplies() throws Exception {
    Opened opened = open();
    replica.touch(400, 9);
    try (Session session = session(opened)) {
      assertThat(session.awaitHydration(10_000)).isTrue();
      session.setTxid("2");
      byte[] then = Opened.plain(replica.database(2));
      assertThat(Opened.whole(session)).isEqualTo(then);
      replica.touch(300, 1, 2, 3);
      opened.follow();
      assertThat(session.awaitHydration(10_000)).isTrue();
      assertThat(Opened.whole(session)).isEqualTo(then);
      session.setTxid("LATEST");
      assertThat(Opened.whole(session)).isEqualTo(now());
    }
  }

  @Test
  void readersOnManyThreadsNeverSeeAnythingButTheirView() throws Exception {
    Opened opened = open();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    AtomicBoolean over = new AtomicBoolean();
    List<Thread> readers = new ArrayList<>();
    Map<String, byte[]> states = new ConcurrentHashMap<>();
    states.put(String.format("%016x", replica.txid()), now());
    try (Session first = session(opened)) {
      for (int i = 0; i < 3; i++) {
        Thread reader =
            new Thread(() -> {
              try (Session session = session(opened)) {
                while (!over.get()) {
                  session.begin();
                  byte[] seen = Opened.whole(session);
                  byte[] again = Opened.whole(session);
                  assertThat(seen).isEqualTo(states.get(session.txid())).isEqualTo(again);
                  session.end();
                }
              } catch (Throwable e) {
                failure.set(e);
              }
            });
        reader.start();
        readers.add(reader);
      }
      Random random = new Random(5);
      for (int i = 0; i < 300; i++) {
        int size = 100 + random.nextInt(400);
        replica.touch(size, 1 + random.nextInt(50), 51 + random.nextInt(40));
        states.put(String.format("%016x", replica.txid()), now());
        opened.follow();
      }
      assertThat(first.awaitHydration(10_000)).isTrue();
    } finally {
      over.set(true);
      for (Thread reader : readers) {
        reader.join();
      }
    }
    assertThat(failure.get()).isNull();
  }

  @Test
  void itIsNotCompleteBeforeEveryKeptPageWasLookedAt() throws Exception {
    Opened first = open();
    Session session = session(first);
    assertThat(session.awaitHydration(10_000)).isTrue();
    session.close();
    first.database.hydration().end(false);
    try (java.io.RandomAccessFile raw = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(200L * PAGE);
      raw.write(new byte[3 * PAGE]);
    }
    Opened second = open();
    try (Session again = session(second)) {
      assertThat(again.awaitHydration(10_000)).isTrue();
      assertThat(again.hydrationProgress()).isEqualTo("100.0");
      isWhole(file);
    }
  }
}
