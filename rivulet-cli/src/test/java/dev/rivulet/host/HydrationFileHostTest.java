package dev.rivulet.host;

import static dev.rivulet.host.HydratedReplica.names;
import static dev.rivulet.host.HydratedReplica.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.DelayProxy;
import dev.rivulet.testing.Exchange;
import dev.rivulet.testing.Latency;
import dev.rivulet.testing.Traffic;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The local file between runs and in a world that is not kind to it: kept, thrown away, edited,
 * foreign, full, read-only, removed. Whatever happens to it, queries are right.
 */
@Tag("host")
class HydrationFileHostTest {
  private static final int PAGE = 4096;

  @TempDir static Path folder;
  static HydratedReplica replica = new HydratedReplica(Path.of(""), Path.of(""));
  static HydratedReplica other = replica;

  @TempDir Path own;
  Path local = Path.of("");
  Path sidecar = Path.of("");

  @BeforeAll
  static void makeReplicas() throws Exception {
    replica = HydratedReplica.make(Files.createDirectory(folder.resolve("one")), 4000);
    other = HydratedReplica.make(Files.createDirectory(folder.resolve("other")), 3000);
    S3Host.server().admin().putReplica(replica.folder(), "hydration", "file");
  }

  @BeforeEach
  void nameTheFile() {
    local = own.resolve("local.db");
    sidecar = own.resolve("local.db.rivulet");
  }

  private Host.Result python(String script) throws Exception {
    return python(replica, script);
  }

  private Host.Result python(HydratedReplica of, String script) throws Exception {
    return Host.python(of.environment(local), "load()\n" + HydratedReplica.PYTHON + script);
  }

  private void hydrate() throws Exception {
    assertThat(python("c = opened(); print(wait(c))")).isEqualTo(prints("1\n"));
    assertThat(names(own)).containsExactly("local.db", "local.db.rivulet");
  }

  /** Takes up what is there: right before, and the whole database after. */
  private void isTakenUpAndRight() throws Exception {
    assertThat(python("c = opened(); print(right(c), wait(c), right(c))"))
        .isEqualTo(prints("True 1 True\n"));
    replica.isIn(local);
  }

  private static Host.Result prints(String out) {
    return new Host.Result(0, out, "");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsNotToPersistLeavesNothingNotEvenAfterAKill(boolean killed) throws Exception {
    Host.Result result =
        python(
            """
            import signal
            c = opened('&hydration_persist=false')
            print(wait(c), right(c), one(c, 'PRAGMA litestream_hydration_progress'))
            print(repr(one(c, 'PRAGMA litestream_hydration_file')), os.listdir(os.path.dirname(LOCAL)), flush=True)
            """
                + (killed ? "os.kill(os.getpid(), signal.SIGKILL)" : ""));
    assertThat(result)
        .isEqualTo(new Host.Result(killed ? 128 + 9 : 0, "1 True 100.0\n'' []\n", ""));
    assertThat(names(own)).isEmpty();
  }

  @Test
  void aFileThatWasKeptIsRemovedOnceItIsNotToPersist() throws Exception {
    hydrate();
    assertThat(python("c = opened('&hydration_persist=false'); print(wait(c), right(c))"))
        .isEqualTo(prints("1 True\n"));
    assertThat(names(own)).isEmpty();
  }

  @Test
  void withoutAPathATemporaryFileIsUsedThatNobodyElseCanSee() throws Exception {
    Host.Result result =
        python(
            """
            def temporary():
                links = ('/proc/self/fd/' + f for f in os.listdir('/proc/self/fd'))
                return [os.readlink(l) for l in links if os.path.islink(l) and 'rivulet-hydration' in os.readlink(l)]
            c = connect('file:my.db?vfs=litestream&hydration_enabled=true')
            print(wait(c), right(c), len(temporary()), all(t.endswith(' (deleted)') for t in temporary()))
            c.close()
            print(len(temporary()))
            """);
    assertThat(result).isEqualTo(prints("1 True 1 True\n0\n"));
    assertThat(names(own)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&hydration_persist=false"})
  void aForeignFileIsNotTouchedAndAWarningSaysSo(String more) throws Exception {
    byte[] text = "what somebody else needs".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Files.write(local, text);
    var before = Files.getLastModifiedTime(local);
    Host.Result result = python("c = opened('" + more + "'); print(right(c), right(c))");
    assertThat(result.out()).isEqualTo("True True\n");
    assertThat(warnings(result.err()))
        .singleElement()
        .asString()
        .contains(local.toString(), "was not made by hydration", "another path");
    assertThat(Files.readAllBytes(local)).isEqualTo(text);
    assertThat(Files.getLastModifiedTime(local)).isEqualTo(before);
    assertThat(names(own)).containsExactly("local.db");
  }

  /** Notes are written while it is filled; what a kill loses is at most a second of that. */
  @ParameterizedTest(name = "the first host ends by: {0}")
  @ValueSource(strings = {"pass", "time.sleep(0.5); os.kill(os.getpid(), 9)"})
  void aKeptFileIsUsedAgainAndNoPageOfItIsFetched(String end) throws Exception {
    try (DelayProxy proxy =
        DelayProxy.start(URI.create(S3Host.server().endpoint()), Latency.NONE)) {
      Map<String, String> environment =
          replica.with(S3Host.environment(proxy.endpoint() + "", "hydration/file"), local);
      String script =
          "load()\n"
              + HydratedReplica.PYTHON
              + "c = opened(FORGETFUL); print(wait(c), right(c), right(c))";
      assertThat(
              Host.python(environment, "import time\n" + script + "\nsys.stdout.flush(); " + end)
                  .out())
          .isEqualTo("1 True True\n");
      Traffic first = proxy.traffic();
      assertThat(first.bytes()).isGreaterThan(Files.size(local) * 9 / 10);
      proxy.reset();
      assertThat(Host.python(environment, script)).isEqualTo(prints("1 True True\n"));
      // What any open reads: the head and the tail of one file.
      assertThat(proxy.traffic().count(Exchange.Kind.GET)).as(proxy.traffic().trace()).isEqualTo(2);
      assertThat(proxy.traffic().bytes())
          .as(proxy.traffic().trace())
          .isLessThan(first.bytes() / 10);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "edited, read",
    "edited, wait",
    "swapped, read",
    "cut, wait",
    "emptied, read",
    "removed, wait",
    "lost, read",
    "lost, wait",
    "sidecar edited, read",
    "sidecar cut, wait",
    "sidecar emptied, read"
  })
  void whatHappenedToAKeptFileIsNoticedByReadersAndByTheHydrator(String what, String by)
      throws Exception {
    hydrate();
    int sidecarSize = (int) Files.size(sidecar);
    try (RandomAccessFile file = new RandomAccessFile(local.toFile(), "rw");
        RandomAccessFile side = new RandomAccessFile(sidecar.toFile(), "rw")) {
      switch (what) {
        case "edited" -> {
          for (int pgno : List.of(1, 2, 700, 1000)) {
            write(file, (pgno - 1L) * PAGE + 1234, "edited");
          }
        }
        case "swapped" -> {
          byte[] a = page(file, 600);
          byte[] b = page(file, 601);
          file.seek(599L * PAGE);
          file.write(b);
          file.write(a);
        }
        case "cut" -> file.setLength(500L * PAGE + 77);
        case "emptied" -> file.setLength(0);
        case "removed" -> Files.delete(local);
        case "sidecar edited" -> write(side, sidecarSize / 2, "edited");
        case "sidecar cut" -> side.setLength(sidecarSize / 2);
        case "sidecar emptied" -> side.setLength(0);
        // As after a power failure, where these never reached the disk.
        default -> {
          file.seek(300L * PAGE);
          file.write(new byte[PAGE * 20]);
        }
      }
    }
    if (by.equals("wait")) {
      assertThat(python("print(wait(opened()))")).isEqualTo(prints("1\n"));
      replica.isIn(local);
    }
    isTakenUpAndRight();
  }

  private static void write(RandomAccessFile file, long at, String text) throws Exception {
    file.seek(at);
    file.write(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static byte[] page(RandomAccessFile file, int pgno) throws Exception {
    byte[] page = new byte[PAGE];
    file.seek((pgno - 1L) * PAGE);
    file.readFully(page);
    return page;
  }

  @Test
  void anotherReplicaAtTheSamePathBuildsItAnew() throws Exception {
    hydrate();
    assertThat(python(other, "c = opened(); print(right(c), wait(c), right(c))"))
        .isEqualTo(prints("True 1 True\n"));
    other.isIn(local);
    isTakenUpAndRight();
  }

  @ParameterizedTest
  @ValueSource(strings = {"read-only", "missing"})
  void aFolderThatCannotBeWrittenIsAWarningAndQueriesGoOn(String what) throws Exception {
    Host.Result result =
        python(
            """
            import ctypes, json
            if '%s' == 'missing': LOCAL = os.path.dirname(LOCAL) + '/nowhere/local.db'
            else:
                # What lets root write everywhere is given up: two sets of three, all empty.
                assert ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) == 0
                os.chmod(os.path.dirname(LOCAL), 0o500)
            c = opened()
            print(right(c), right(c), one(c, 'PRAGMA litestream_hydration_progress'))
            print(json.loads(one(c, 'PRAGMA litestream_status'))['hydration']['error'])
            os.chmod(os.path.dirname(LOCAL).replace('/nowhere', ''), 0o700)
            """
                .formatted(what));
    String why = what.equals("missing") ? "No such file or directory" : "Permission denied";
    assertThat(result.out()).startsWith("True True 0.0\n").contains(why);
    assertThat(warnings(result.err())).singleElement().asString().contains("local.db", why);
    assertThat(names(own)).isEmpty();
  }

  /** As where the disk is full: the system refuses to let any file grow beyond this. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1_000_000})
  void aDiskThatIsFullIsAWarningAndQueriesGoOn(int most) throws Exception {
    Host.Result result =
        python(
            """
            import json, resource
            # Python ignores the signal for this; the write fails.
            resource.setrlimit(resource.RLIMIT_FSIZE, (%d, resource.RLIM_INFINITY))
            c = opened(FORGETFUL)
            error = None
            while not error:
                assert right(c)
                error = json.loads(one(c, 'PRAGMA litestream_status'))['hydration']['error']
            print(right(c), float(one(c, 'PRAGMA litestream_hydration_progress')) < 100, error)
            """
                .formatted(most));
    assertThat(result.out()).startsWith("True True ").contains("File too large");
    assertThat(result.exit()).isZero();
    assertThat(warnings(result.err()))
        .isNotEmpty()
        .allMatch(line -> line.contains(local.toString()) && line.contains("File too large"));
    isTakenUpAndRight();
  }

  @ParameterizedTest
  @ValueSource(strings = {"os.remove(LOCAL)", "os.replace(LOCAL + '.mine', LOCAL)"})
  void aFileThatIsRemovedOrReplacedUnderARunningHostIsBegunAgain(String act) throws Exception {
    Host.Result result =
        python(
            """
            c = opened(FORGETFUL)
            assert wait(c)
            with open(LOCAL + '.mine', 'wb') as f: f.write(b'mine')
            %s
            deadline = time.time() + 20
            while not (os.path.exists(LOCAL) and os.path.getsize(LOCAL) > 4096 * 1000):
                assert right(c) and time.time() < deadline
                time.sleep(0.02)
            print(wait(c), right(c))
            """
                .formatted(act));
    assertThat(result.out()).isEqualTo("1 True\n");
    assertThat(warnings(result.err()))
        .singleElement()
        .asString()
        .contains(local.toString(), "removed or replaced");
    isTakenUpAndRight();
  }
}
