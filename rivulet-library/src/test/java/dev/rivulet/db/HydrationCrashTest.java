package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.replica.Layout;
import dev.rivulet.store.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A machine loses power while a database is hydrated: of what was written to the local file
 * anything may have reached the disk, in any order, whole or torn; of the sidecar any version. What
 * is opened then reads as the replica says.
 */
class HydrationCrashTest {
  private static final int PAGE = 512;
  private static final int SEEDS = 60;
  private static final int STEPS = 25;
  private static final int CRASHES = 4;

  @TempDir Path folder;

  static List<Integer> seeds() {
    List<Integer> seeds = new ArrayList<>();
    for (int i = 1; i <= SEEDS; i++) {
      seeds.add(i);
    }
    return seeds;
  }

  /** What lay on the disk at one time. */
  private static final class Moment {
    final byte[] file;
    final byte[] sidecar;

    Moment(Path file) throws IOException {
      this.file = Files.readAllBytes(file);
      this.sidecar = Files.readAllBytes(Path.of(file + ".rivulet"));
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverReachedTheDiskWhatIsReadIsTheReplicas(int seed) throws Exception {
    Random random = new Random(seed);
    Path file = folder.resolve("local.db");
    MemoryStore store = new MemoryStore();
    ReplicaBuilder replica = new ReplicaBuilder(store, Layout.HEX, PAGE, 0);
    replica.touch(40 + random.nextInt(60));
    for (int crash = 0; crash < CRASHES; crash++) {
      List<Moment> moments = new ArrayList<>();
      Opened opened = new Opened(replica);
      try (Session session = session(opened, file)) {
        isCurrent(session, replica);
        for (int step = 0; step < STEPS; step++) {
          primary(replica, random);
          opened.clock.passMillis(random.nextInt(20_000));
          opened.follow();
          if (random.nextBoolean()) {
            isCurrent(session, replica);
          }
          if (random.nextInt(3) == 0) {
            assertThat(session.awaitHydration(10_000)).isTrue();
          }
          if (random.nextInt(4) == 0) {
            note(opened, random.nextBoolean());
          }
          moments.add(new Moment(file));
        }
      }
      opened.database.hydration().end(false);
      moments.add(new Moment(file));
      for (int i = random.nextInt(4); i > 0; i--) {
        primary(replica, random); // while nobody looked
      }
      if (random.nextInt(4) == 0) {
        replica = anew(store, replica, random);
      }
      Files.write(file, torn(moments, random));
      Files.write(Path.of(file + ".rivulet"), moments.get(random.nextInt(moments.size())).sidecar);
    }
  }

  private static Session session(Opened opened, Path file) throws IOException {
    opened.database.retain();
    return opened.database.openSession(
        Opened.settings(Map.of("hydration_path", file.toString())), Opened.NEVER);
  }

  private static void isCurrent(Session session, ReplicaBuilder replica) throws IOException {
    session.begin();
    assertThat(Opened.whole(session)).isEqualTo(Opened.plain(replica.database(replica.txid())));
    session.end();
  }

  private static void note(Opened opened, boolean forGood) throws IOException {
    Hydration hydration = opened.database.hydration().running();
    assertThat(hydration).isNotNull();
    if (hydration != null) {
      hydration.note(forGood);
    }
  }

  /** One to three transactions, and what Litestream does beside them. */
  private static void primary(ReplicaBuilder replica, Random random) {
    for (int i = random.nextInt(3); i >= 0; i--) {
      replica.random(random, 120);
    }
    long txid = replica.txid();
    switch (random.nextInt(6)) {
      case 0 -> replica.snapshot();
      case 1 -> replica.merge(1, Math.max(1, txid - 3), txid);
      case 2 -> {
        replica.snapshot();
        replica.retainLevel0After(txid - 1);
      }
      default -> {}
    }
  }

  /** Wiped, and begun anew; or restored to an earlier state, and gone on from there. */
  private static ReplicaBuilder anew(MemoryStore store, ReplicaBuilder before, Random random) {
    boolean restored = random.nextBoolean();
    for (var object : store.list("", "", 1000).join().objects()) {
      store.delete(List.of(object.key())).join();
    }
    ReplicaBuilder next = new ReplicaBuilder(store, Layout.HEX, PAGE, 0);
    if (!restored) {
      next.later(86_400_000L * (1 + random.nextInt(9)));
    }
    next.touch(40 + random.nextInt(60));
    next.later(86_400_000L * (10 + random.nextInt(9)));
    while (next.txid() <= before.txid() + random.nextInt(5)) {
      next.random(random, 120);
    }
    return next;
  }

  /** Each page from any moment, some of them of two. */
  private static byte[] torn(List<Moment> moments, Random random) {
    byte[] torn = moments.get(random.nextInt(moments.size())).file.clone();
    for (int page = 0; page * PAGE < torn.length; page++) {
      byte[] other = moments.get(random.nextInt(moments.size())).file;
      int from = random.nextInt(8) == 0 ? random.nextInt(PAGE) : 0;
      int length = Math.min(PAGE - from, other.length - page * PAGE - from);
      if (length > 0) {
        System.arraycopy(other, page * PAGE + from, torn, page * PAGE + from, length);
      }
    }
    return torn;
  }
}
