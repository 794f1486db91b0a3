package dev.rivulet.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ltx.Txid;
import dev.rivulet.store.MemoryStore;
import dev.rivulet.store.PutRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReplicaListingTest {
  private final MemoryStore memory = new MemoryStore();
  private final RecordingStore store = new RecordingStore(memory);

  private void put(Layout layout, int level, long min, long max) {
    put(layout.key(level, new Txid(min), new Txid(max)));
  }

  private void put(String key) {
    memory
        .put(
            new PutRequest(
                key,
                PutRequest.Content.of(new byte[] {1}),
                new PutRequest.Condition.Always(),
                Map.of()))
        .join();
  }

  /** What is listed in so many round trips and requests, which gives the plan that all files do. */
  private List<LtxFile> isLatest(
      Replica replica, Supplier<CompletableFuture<List<LtxFile>>> listing, int rounds, int lists)
      throws PlanException {
    var listed = store.rounds(listing);
    assertThat(listed.rounds()).isEqualTo(rounds);
    assertThat(store.lists()).isEqualTo(lists);
    assertThat(Planner.latest(listed.value())).isEqualTo(Planner.latest(replica.listAll().join()));
    return listed.value();
  }

  @ParameterizedTest
  @EnumSource
  void aSmallReplicaIsListedByOneRequest(Layout layout) {
    put(layout, 9, 1, 500);
    for (int i = 1; i < 1000; i++) {
      put(layout, 0, i, i);
    }
    var listed = store.rounds(new Replica(store, layout)::listForLatest);
    assertThat(listed.value()).hasSize(1000);
    assertThat(listed.rounds()).isEqualTo(1);
    assertThat(store.requests())
        .containsExactly(new RecordingStore.Request("LIST", layout.prefix() + " after ", 0, 0));
  }

  @ParameterizedTest
  @EnumSource
  void aDayOldReplicaIsListedByThreeRequests(Layout layout) throws Exception {
    dayOld(layout, 86_400, 300, 0);
    Replica replica = new Replica(store, layout);
    var listed = isLatest(replica, replica::listForLatest, 3, 3);
    assertThat(Planner.latest(listed).txid()).isEqualTo(new Txid(86_400));
  }

  @ParameterizedTest
  @EnumSource
  void whoOpensADayOldReplicaWaitsForTwoRoundTripsOfListing(Layout layout) throws Exception {
    dayOld(layout, 86_400, 300, 0);
    Replica replica = new Replica(store, layout);
    var _ = isLatest(replica, replica::listToOpen, 2, 3);
  }

  @Test
  void aGuessThatIsTooLateCostsARequestAndNoFile() throws Exception {
    // Level 2 and those above lag by an hour.
    merge(Layout.HEX, 2, 300, 82_800);
    merge(Layout.HEX, 1, 30, 86_400);
    put(Layout.HEX, 9, 1, 1000);
    for (long t = 86_101; t <= 86_400; t++) {
      put(Layout.HEX, 0, t, t);
    }
    Replica replica = new Replica(store, Layout.HEX);
    var _ = isLatest(replica, replica::listToOpen, 3, 4);
  }

  @Test
  void aLevel0OfThousandsIsListedFromWhereTheHigherLevelsReach() throws Exception {
    dayOld(Layout.HEX, 86_400, 5000, 0);
    Replica replica = new Replica(store, Layout.HEX);
    // One page of everything, levels 2 to 9, then levels 1 and 0 at once.
    var _ = isLatest(replica, replica::listForLatest, 3, 4);
  }

  @ParameterizedTest
  @EnumSource
  void everyFileOfADayOldReplicaIsListedInTwoRoundTrips(Layout layout) {
    dayOld(layout, 86_400, 300, 0);
    var listed = store.rounds(new Replica(store, layout)::listAll);
    // One page of everything; then level 1 from there in three ranges, and levels 2 to 9.
    assertThat(listed.rounds()).isEqualTo(2);
    assertThat(store.lists()).isEqualTo(5);
    assertThat(listed.value()).hasSize(300 + 2880 + 288 + 24 + 1).doesNotHaveDuplicates();
  }

  @Test
  void everyFileOfAReplicaWithThousandsOnLevel0IsListedInThreeRoundTrips() {
    dayOld(Layout.HEX, 86_400, 5000, 0);
    var listed = store.rounds(new Replica(store, Layout.HEX)::listAll);
    assertThat(listed.rounds()).isLessThanOrEqualTo(6);
    assertThat(listed.value()).hasSize(5000 + 2880 + 288 + 24 + 1).doesNotHaveDuplicates();
  }

  @Test
  void everyFileIsListedOnceHoweverUnevenlyTheyLie() {
    long seed = System.nanoTime();
    for (int round = 0; round < 10; round++) {
      Random random = new Random(seed + round);
      MemoryStore any = new MemoryStore();
      Set<String> keys = new HashSet<>();
      for (int level = 0; level <= 9; level++) {
        int count = random.nextInt(3) == 0 ? random.nextInt(6000) : random.nextInt(20);
        long min = 1;
        for (int i = 0; i < count; i++) {
          // Dense here, far apart there, and hostile at the end.
          min += random.nextInt(50) == 0 ? random.nextInt(1_000_000) : 1;
          long max = min + random.nextInt(3);
          keys.add(Layout.HEX.key(level, new Txid(level == 9 ? 1 : min), new Txid(max)));
        }
        if (random.nextBoolean()) {
          keys.add(Layout.HEX.key(level, new Txid(level == 9 ? 1 : -9 - level), new Txid(-2)));
        }
      }
      for (String key : keys) {
        any.put(
                new PutRequest(
                    key,
                    PutRequest.Content.of(new byte[] {1}),
                    new PutRequest.Condition.Always(),
                    Map.of()))
            .join();
      }
      List<String> listed =
          new Replica(any, Layout.HEX).listAll().join().stream().map(LtxFile::key).toList();
      assertThat(listed).as("seed %d", seed + round).hasSameSizeAs(keys);
      assertThat(Set.copyOf(listed)).as("seed %d", seed + round).isEqualTo(keys);
    }
  }

  /**
   * One transaction a second, merged every 30 s, 5 min and hour, a snapshot of some moment.
   *
   * @param level0 how many files of level 0 retention has left
   * @param behind how many transactions the newest are not merged yet
   */
  private void dayOld(Layout layout, int last, int level0, int behind) {
    merge(layout, 3, 3600, last - behind);
    merge(layout, 2, 300, last - behind);
    merge(layout, 1, 30, last - behind);
    put(layout, 9, 1, last - 1000L);
    for (long t = Math.max(1L, (long) last - level0 + 1); t <= last; t++) {
      put(layout, 0, t, t);
    }
  }

  private void merge(Layout layout, int level, int span, int last) {
    for (long from = 1; from + span - 1 <= last; from += span) {
      put(layout, level, from, from + span - 1);
    }
  }

  @Test
  void ofAnyLargeReplicaTheSamePlanFollowsAsFromEveryFile() throws Exception {
    long seed = System.nanoTime();
    for (int round = 0; round < 40; round++) {
      Random random = new Random(seed + round);
      var replicaStore = new MemoryStore();
      Set<String> keys = new HashSet<>();
      int last = 1200 + random.nextInt(4000);
      int merged = last - random.nextInt(80);
      // Each level merges whole files of the one below, in runs of any length.
      long[] ends = new long[merged];
      for (int i = 0; i < merged; i++) {
        ends[i] = i + 1L;
      }
      int least = random.nextBoolean() ? 1 : 2;
      for (int level = 1; level <= 3; level++) {
        int fan = level == 1 ? least + random.nextInt(6) : 2 + random.nextInt(9);
        long min = 1;
        int count = 0;
        long[] next = new long[ends.length];
        int at = 0;
        while (at + fan <= ends.length) {
          at += fan;
          long max = ends[at - 1];
          keys.add(Layout.HEX.key(level, new Txid(min), new Txid(max)));
          next[count++] = max;
          min = max + 1;
        }
        ends = java.util.Arrays.copyOf(next, count);
      }
      int snapshot = 1 + random.nextInt(last);
      keys.add(Layout.HEX.key(9, new Txid(1), new Txid(snapshot)));
      int kept = random.nextInt(last);
      for (long t = Math.min((long) last - kept, merged - 60L); t <= last; t++) {
        if (t > 0) {
          keys.add(Layout.HEX.key(0, new Txid(t), new Txid(t)));
        }
      }
      for (String key : keys) {
        replicaStore
            .put(
                new PutRequest(
                    key,
                    PutRequest.Content.of(new byte[] {1}),
                    new PutRequest.Condition.Always(),
                    Map.of()))
            .join();
      }
      Replica replica = new Replica(replicaStore, Layout.HEX);
      List<LtxFile> some = replica.listForLatest().join();
      List<LtxFile> all = replica.listAll().join();
      assertThat(all).hasSameSizeAs(keys);
      assertThat(Files.text(Planner.latest(some).files()))
          .as("seed %d", seed + round)
          .isEqualTo(Files.text(Planner.latest(all).files()));
      List<LtxFile> atOpen = replica.listToOpen().join();
      assertThat(Files.text(Planner.latest(atOpen).files()))
          .as("to open, seed %d", seed + round)
          .isEqualTo(Files.text(Planner.latest(all).files()));
    }
  }

  @Test
  void otherObjectsBesideTheFilesAreIgnored() {
    put(Layout.HEX, 0, 1, 1);
    for (String key : new String[] {"lock.json", "0000/x", "0000/a/b.ltx", "generations/1/2"}) {
      put(key);
    }
    List<LtxFile> files = new Replica(store, Layout.HEX).listForLatest().join();
    assertThat(Files.text(files)).isEqualTo("0:1");
  }
}
