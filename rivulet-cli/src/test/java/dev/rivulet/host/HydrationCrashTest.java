package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.Litestream;
import dev.rivulet.testing.TestReplica;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hosts that are killed at any moment while they hydrate and the replica goes on, merges its files
 * and is sometimes begun anew. After each kill, which may also lose writes of the local file as a
 * power failure does, the file is taken up again: every page that anybody reads is that of one
 * transaction.
 *
 * <p>{@code ./soak} runs more rounds; {@code -Drivulet.crash.seed} repeats one run's draws.
 */
@Tag("host")
class HydrationCrashTest {
  private static final int ROUNDS = Integer.getInteger("rivulet.crash.rounds", 8);
  private static final long SEED = Long.getLong("rivulet.crash.seed", System.nanoTime());
  private static final int PAGE = 4096;
  private static final int MOST_MILLIS = 1_500;

  /** Grow, change, shrink and change, in turns, around 3 MB. */
  private static final List<String> CHANGES =
      List.of(
          "INSERT INTO t (a) SELECT randomblob(1000) FROM n LIMIT 300;",
          "UPDATE t SET a = randomblob(1000) WHERE id % 9 = 3;",
          "DELETE FROM t WHERE id % 7 = 5;",
          "UPDATE t SET a = randomblob(900) WHERE id % 100 = 8;");

  private static final int STATES = 12;

  private static final String PYTHON =
      HydratedReplica.PYTHON
          + """
          import json
          def masked_state(n):
              with open('%s/%d.db' % (os.environ['RESTORED'], n), 'rb') as f: return masked(f.read())
          # One transaction, page by page through SQLite. Where a read fails, serialize has a page of
          # zeros, which no page of ours is.
          def check(c):
              c.execute('BEGIN')
              n = one(c, 'SELECT n FROM s')
              txid = int(one(c, 'SELECT litestream_txid()'), 16)
              got, want = masked(c.serialize()), masked_state(txid)
              c.execute('COMMIT')
              bad = [p // 4096 + 1 for p in range(0, max(len(got), len(want)), 4096) if got[p:p + 4096] != want[p:p + 4096]]
              if n == txid and bad and not any(any(got[p * 4096 - 4096:p * 4096]) for p in bad): return 'failed'
              return 'right' if n == txid and not bad else 'WRONG %d %d %s' % (n, txid, bad)
          def begin(more):
              c = opened(FORGETFUL + more + '&poll_interval=50ms')
              c.isolation_level = None
              return c
          # Files that retention takes away under a transaction, or another history, may end it.
          def loop(more):
              c = None
              while True:
                  try:
                      c = c or begin(more)
                      print(check(c), flush=True)
                  except sqlite3.Error:
                      print('failed', flush=True)
                      c = c and c.close()
                      time.sleep(0.02)
          """;

  @TempDir static Path folder;

  /** The files of the full history: level 0 of each transaction, and a snapshot of each state. */
  private static List<Path> history = List.of();

  @TempDir Path own;

  private final Random random = new Random(SEED);
  private Path live = Path.of("");
  private Path local = Path.of("");
  private int state;

  @BeforeAll
  static void makeHistory() throws Exception {
    List<String> states = new ArrayList<>();
    states.add(
        "PRAGMA auto_vacuum = FULL; VACUUM; CREATE TABLE s (n); INSERT INTO s VALUES (1); CREATE TABLE t (id INTEGER PRIMARY KEY, a);"
            + " CREATE VIEW n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            + " WHERE i < 3000) SELECT i FROM n; INSERT INTO t (a) SELECT randomblob(1000) FROM n;");
    for (int n = 2; n <= STATES; n++) {
      // One transaction, so that a state is a TXID.
      String change = CHANGES.get(n % CHANGES.size());
      states.add("BEGIN; UPDATE s SET n = " + n + "; " + change + " COMMIT;");
    }
    String url = TestReplica.make(folder.resolve("replica"), states.toArray(String[]::new));
    for (int n = 1; n <= STATES; n++) {
      Litestream.setUp()
          .restore(url, folder.resolve(n + ".db"), Map.of(), "-txid", "%016x".formatted(n));
    }
    try (Stream<Path> all = Files.walk(folder.resolve("replica/ltx"))) {
      history = all.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void whateverIsLeftIsRightOrNoticed() throws Exception {
    live = own.resolve("live");
    local = Files.createDirectory(own.resolve("files")).resolve("local.db");
    beginAnew();
    int answers = 0;
    int failures = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String where = "round " + round + " of -Drivulet.crash.seed=" + SEED;
      List<String> said = killed(random.nextInt(MOST_MILLIS));
      assertThat(said).as(where).isSubsetOf("right", "failed");
      answers += java.util.Collections.frequency(said, "right");
      failures += java.util.Collections.frequency(said, "failed");
      if (random.nextInt(3) == 0) {
        loseWrites();
      }
      if (random.nextBoolean()) {
        next();
      }
      Host.Result after =
          Host.python(
              environment(),
              "load()\n"
                  + PYTHON
                  + """
                  c = begin('&hydration_bandwidth=256KiB' if %d else '')
                  print(check(c), check(c))
                  if not %d: print(one(c, 'SELECT litestream_hydration_wait(30)'), check(c))
                  """
                      .replace("%d", round % 4 == 3 ? "1" : "0"));
      assertThat(after.exit()).as(where + after).isZero();
      List<String> lines = after.out().lines().toList();
      assertThat(lines.getFirst()).as(where).isEqualTo("right right");
      if (round % 4 != 3) {
        assertThat(lines.getLast()).as(where).isEqualTo("1 right");
        assertThat(Files.mismatch(local, folder.resolve(state + ".db"))).as(where).isEqualTo(-1);
      }
    }
    assertThat(failures).as("answers: " + answers).isLessThan(answers);
    System.out.printf(
        "%d kills, %d right answers and %d failures before them%n", ROUNDS, answers, failures);
  }

  private Map<String, String> environment() {
    return new HydratedReplica(live, folder).environment(local);
  }

  /** Runs a host that reads again and again, kills it, and gives what it had said. */
  private List<String> killed(int millis) throws Exception {
    String bandwidth = List.of("", "&hydration_bandwidth=4MiB").get(random.nextInt(2));
    Process host =
        Host.start(
            environment(),
            List.of(
                Host.PYTHON,
                "-c",
                Host.pythonPrelude() + "load()\n" + PYTHON + "loop('" + bandwidth + "')"));
    var out =
        java.util.concurrent.CompletableFuture.supplyAsync(
            () -> Host.read(host.getInputStream()), Host.OWN_THREAD);
    var err =
        java.util.concurrent.CompletableFuture.supplyAsync(
            () -> Host.read(host.getErrorStream()), Host.OWN_THREAD);
    // The sum of what it waits is the moment of the kill.
    for (int left = millis; left > 0; ) {
      int pause = Math.min(left, 20 + random.nextInt(200));
      Thread.sleep(pause);
      left -= pause;
      if (random.nextInt(3) == 0) {
        next();
      }
    }
    boolean alive = host.isAlive();
    // Not by the process itself, which would close the streams that are being read.
    host.toHandle().destroyForcibly();
    host.waitFor();
    assertThat(alive).as(err.get()).isTrue();
    String said = out.get();
    // The last line may be half a line.
    return said.substring(0, said.lastIndexOf('\n') + 1).lines().toList();
  }

  /** The primary goes on: a transaction, and now and then all that was before is one snapshot. */
  private void next() throws IOException {
    if (state == STATES) {
      beginAnew();
      return;
    }
    state++;
    publish("0/%016x-%016x.ltx".formatted(state, state));
    if (random.nextInt(4) == 0) {
      publish("9/%016x-%016x.ltx".formatted(1, state));
      for (Path file : files(live)) {
        if (!file.toString().endsWith("-%016x.ltx".formatted(state))) {
          Files.delete(file);
        }
      }
    }
  }

  /** The replica is wiped and begun anew, which repeats its TXIDs. */
  private void beginAnew() throws IOException {
    if (Files.exists(live)) {
      for (Path file : files(live)) {
        Files.delete(file);
      }
    }
    for (int level : List.of(0, 9)) {
      Files.createDirectories(live.resolve("ltx/" + level));
    }
    state = 1;
    publish("9/%016x-%016x.ltx".formatted(1, 1));
  }

  private void publish(String name) throws IOException {
    Path from = history.stream().filter(f -> f.toString().endsWith(name)).findFirst().orElseThrow();
    Path copy = own.resolve("copy");
    Files.copy(from, copy);
    Files.move(copy, live.resolve("ltx").resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<Path> files(Path replica) throws IOException {
    try (Stream<Path> all = Files.walk(replica)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  /** What a power failure may do: pages that never reached the disk, or a shorter file. */
  private void loseWrites() throws IOException {
    if (!Files.exists(local)) {
      return;
    }
    byte[] old = new byte[PAGE];
    random.nextBytes(old);
    try (RandomAccessFile file = new RandomAccessFile(local.toFile(), "rw")) {
      int pages = (int) (file.length() / PAGE);
      for (int i = 0; i < pages / 10; i++) {
        file.seek((long) random.nextInt(pages) * PAGE);
        file.write(old);
      }
      if (random.nextInt(3) == 0) {
        file.setLength(file.length() - file.length() / 3);
      }
    }
  }
}
