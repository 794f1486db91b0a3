package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.DelayProxy;
import dev.rivulet.testing.FaultProxy;
import dev.rivulet.testing.FaultProxy.Fault;
import dev.rivulet.testing.Latency;
import dev.rivulet.testing.S3Admin;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real S3 server that is slow, fails, or loses objects under hydration: it finishes. */
@Tag("host")
class HydrationStoreHostTest {
  private static final String BUSY =
      "HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: 36\r\n\r\n"
          + "<Error><Code>SlowDown</Code></Error>";

  private static final String BUCKET = "hydration";
  private static final S3Admin ADMIN = S3Host.server().admin();

  /** So that there is time to do something to the store meanwhile. */
  private static final String SLOWLY = "&hydration_bandwidth=2MiB&cache_size=1MiB";

  @TempDir static Path folder;
  static HydratedReplica replica = new HydratedReplica(Path.of(""), Path.of(""));
  static HydratedReplica other = replica;

  @TempDir Path own;
  Path local = Path.of("");

  @BeforeAll
  static void makeReplicas() throws Exception {
    replica = HydratedReplica.make(Files.createDirectory(folder.resolve("one")), 4000);
    other = HydratedReplica.make(Files.createDirectory(folder.resolve("other")), 3000);
    ADMIN.putReplica(replica.folder(), BUCKET, "store");
  }

  @BeforeEach
  void nameTheFile() {
    local = own.resolve("local.db");
  }

  private PythonTalk host(HydratedReplica of, String endpoint, String path) throws Exception {
    PythonTalk python =
        new PythonTalk(of.with(S3Host.environment(endpoint, BUCKET + "/" + path), local));
    python.say(HydratedReplica.PYTHON);
    return python;
  }

  @Test
  void theBandwidthIsKeptToWhileQueriesAreNotSlowedDown() throws Exception {
    try (DelayProxy proxy = DelayProxy.start(URI.create(S3Host.server().endpoint()), Latency.NONE);
        PythonTalk python = host(replica, proxy.endpoint() + "", "store")) {
      assertThat(
              python.say(
                  """
                  begun = time.time()
                  c = opened('&hydration_bandwidth=1MiB')
                  time.sleep(1)
                  print(float(one(c, 'PRAGMA litestream_hydration_progress')) < 60)
                  """))
          .isEqualTo("True\n");
      // A second's worth, and what the open reads.
      assertThat(proxy.traffic().bytes()).isLessThan(3 * 1024 * 1024);
      // 5 MB are some 4 s at that rate; a busy machine may take longer for its own reasons.
      assertThat(python.say("print(wait(c), 3 < time.time() - begun < 20, right(c))"))
          .isEqualTo("1 True True\n");
      assertThat(python.end()).isEmpty();
    }
    replica.isIn(local);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "reset", "busy", "refused"})
  void whatFailsForAWhileOnlyDelaysIt(String name) throws Exception {
    try (FaultProxy proxy = new FaultProxy(S3Host.server().port());
        PythonTalk python = host(replica, proxy.endpoint(), "store")) {
      python.say("c = opened('" + SLOWLY + "'); assert one(c, 'SELECT n FROM s') == 3");
      assertThat(python.say("print(one(c, 'PRAGMA litestream_hydration_progress') != '100.0')"))
          .isEqualTo("True\n");
      proxy.setNow(
          switch (name) {
            case "cut" -> new Fault.CutAfter(100_000);
            case "reset" -> new Fault.ResetAfter(100_000);
            case "busy" -> new Fault.Answers(BUSY);
            default -> new Fault.Refuse();
          });
      Thread.sleep(1_000);
      if (!name.equals("cut")) {
        assertThat(python.say("print(one(c, 'PRAGMA litestream_hydration_progress') != '100.0')"))
            .isEqualTo("True\n");
        proxy.setNow(new Fault.None());
      }
      assertThat(python.say("print(wait(c), right(c))")).isEqualTo("1 True\n");
      assertThat(HydratedReplica.warnings(python.end())).hasSizeLessThan(4);
    }
    replica.isIn(local);
  }

  @Test
  void objectsThatAreMergedAndDeletedMeanwhileAreFoundInAnotherPlan() throws Exception {
    // The snapshot of state 1, and what led on from there.
    put(replica, "merged", "9/0000000000000001-0000000000000001", "0/");
    try (PythonTalk python = host(replica, S3Host.server().endpoint(), "merged")) {
      python.say("c = opened('" + SLOWLY + "'); assert one(c, 'SELECT n FROM s') == 3");
      put(replica, "merged", "9/0000000000000001-0000000000000003");
      for (Path file : files(replica)) {
        // The newest of level 0 stays, as Litestream keeps it.
        if (!file.toString().endsWith("0000000000000003.ltx")) {
          ADMIN.delete(BUCKET, key("merged", replica, file));
        }
      }
      assertThat(python.say("print(one(c, 'PRAGMA litestream_hydration_progress') != '100.0')"))
          .isEqualTo("True\n");
      assertThat(python.say("print(wait(c), right(c))")).isEqualTo("1 True\n");
      assertThat(HydratedReplica.warnings(python.end())).isEmpty();
    }
    replica.isIn(local);
  }

  @Test
  void aReplicaThatIsReplacedMeanwhileIsHydratedInItsPlace() throws Exception {
    ADMIN.putReplica(replica.folder(), BUCKET, "replaced");
    try (PythonTalk python = host(other, S3Host.server().endpoint(), "replaced")) {
      python.say("c = opened('" + SLOWLY + "'); assert one(c, 'SELECT n FROM s') == 3");
      ADMIN.putReplica(other.folder(), BUCKET, "replaced");
      python.say(
          """
          deadline = time.time() + 20
          while True:
              try:
                  d = opened('&cache_size=1MiB')
                  if one(d, 'SELECT count(*) FROM t') == 3000 + 2 * 375 and right(d): break
              except sqlite3.OperationalError as e: print(e)
              assert time.time() < deadline, d.execute('PRAGMA litestream_status').fetchall()
              time.sleep(0.1)
          """);
      assertThat(python.say("print(wait(d), right(d))")).isEqualTo("1 True\n");
      // Which has read the other one, and says so instead of mixing them.
      assertThat(python.ask("SELECT n FROM s")).isEqualTo("SQLITE_IOERR_LOCK\n");
      python.end();
    }
    other.isIn(local);
  }

  private static List<Path> files(HydratedReplica of) throws Exception {
    try (Stream<Path> all = Files.walk(of.folder().resolve("ltx"))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private static String key(String path, HydratedReplica of, Path file) {
    return path + "/000" + of.folder().resolve("ltx").relativize(file);
  }

  private static void put(HydratedReplica of, String path, String... starts) throws Exception {
    for (Path file : files(of)) {
      String name = of.folder().resolve("ltx").relativize(file).toString();
      if (Stream.of(starts).anyMatch(name::startsWith)) {
        ADMIN.put(BUCKET, key(path, of, file), Files.readAllBytes(file));
      }
    }
  }
}
