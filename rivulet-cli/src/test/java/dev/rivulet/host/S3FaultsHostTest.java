package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.FaultProxy;
import dev.rivulet.testing.FaultProxy.Fault;
import dev.rivulet.testing.S3Admin;
import dev.rivulet.testing.TestReplica;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A real S3 server that fails under an open connection: each fault is an error with a reason, never
 * a hang, and once it is over the same connection works.
 */
@Tag("host")
class S3FaultsHostTest {
  private static final String SCHEMA = "SELECT count(*) FROM sqlite_schema WHERE name = 't'";
  private static final String SCAN = "SELECT sum(length(a)) FROM t";
  private static final String SUM = "4000000\n";

  private static final String BUSY =
      "HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: 36\r\n\r\n"
          + "<Error><Code>SlowDown</Code></Error>";

  @TempDir static Path folder;
  static final S3Admin ADMIN = S3Host.server().admin();

  /**
   * 4 MB of random bytes in one file of the replica, so that a scan needs more than the open read.
   */
  @BeforeAll
  static void makeReplica() throws Exception {
    TestReplica.make(folder.resolve("replica"), sql(1000));
    ADMIN.putReplica(folder.resolve("replica"), "faults", "db");
  }

  private static String sql(int rowBytes) {
    return "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        + " WHERE i < 4000) INSERT INTO t SELECT randomblob("
        + rowBytes
        + ") FROM n;";
  }

  private static FaultProxy proxy() throws Exception {
    return new FaultProxy(S3Host.server().port());
  }

  private static PythonTalk python(FaultProxy proxy) throws Exception {
    return new PythonTalk(S3Host.environment(proxy.endpoint(), "faults/db"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"busy", "cut", "reset", "refused"})
  void aFaultThatLastsIsAnIoErrorWithItsReasonAndTheConnectionWorksAgain(String name)
      throws Exception {
    Fault fault =
        switch (name) {
          case "busy" -> new Fault.Answers(BUSY);
          // Within the head of an answer: nothing of the body ever comes.
          case "cut" -> new Fault.CutAfter(100);
          case "reset" -> new Fault.ResetAfter(100);
          default -> new Fault.Refuse();
        };
    try (FaultProxy proxy = proxy();
        PythonTalk python = python(proxy)) {
      assertThat(python.openAnd(SCHEMA)).isEqualTo("1\n");
      proxy.setNow(fault);
      assertThat(python.ask(SCAN)).isEqualTo("SQLITE_IOERR_READ\n");
      proxy.setNow(new Fault.None());
      assertThat(python.ask(SCAN)).isEqualTo(SUM);
      assertThat(python.end())
          .contains(
              switch (name) {
                case "busy" -> "503 SlowDown";
                case "refused" -> "nothing listens there";
                default -> "was lost";
              })
          .contains(proxy.endpoint());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aFaultThatPassesIsNotSeen(boolean cutBody) throws Exception {
    try (FaultProxy proxy = proxy();
        PythonTalk python = python(proxy)) {
      assertThat(python.openAnd(SCHEMA)).isEqualTo("1\n");
      // A body that is cut goes on where it ended, so this is progress each time.
      proxy.setNow(cutBody ? new Fault.CutAfter(1_500_000) : new Fault.Answers(BUSY));
      CompletableFuture<String> scan =
          CompletableFuture.supplyAsync(() -> scan(python), Host.OWN_THREAD);
      if (!cutBody) {
        int before = proxy.accepted();
        while (proxy.accepted() < before + 2) {
          Thread.sleep(1);
        }
        proxy.set(new Fault.None());
      }
      assertThat(scan.get()).isEqualTo(SUM);
      assertThat(python.end()).isEmpty();
    }
  }

  private static String scan(PythonTalk python) {
    try {
      return python.ask(SCAN);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aSilentServerIsAnErrorByTheDeadline() throws Exception {
    try (FaultProxy proxy = proxy();
        FaultProxy never = proxy();
        PythonTalk python = python(proxy)) {
      never.set(new Fault.Silent());
      // Side by side, for each takes the whole deadline.
      CompletableFuture<Host.Result> open =
          CompletableFuture.supplyAsync(() -> open(never), Host.OWN_THREAD);
      assertThat(python.openAnd(SCHEMA)).isEqualTo("1\n");
      proxy.setNow(new Fault.Silent());
      python.say("threading.Timer(1, c.interrupt).start()");
      // SQLite 3.41 can be asked whether it was interrupted; before that the deadline ends it.
      boolean heard = python.say("print(sqlite3.sqlite_version_info >= (3, 41))").equals("True\n");
      assertThat(python.ask(SCAN)).isEqualTo(heard ? "SQLITE_INTERRUPT\n" : "SQLITE_IOERR_READ\n");
      proxy.setNow(new Fault.None());
      assertThat(python.ask(SCAN)).isEqualTo(SUM);
      assertThat(python.end()).contains(heard ? "interrupt" : "did not answer within");

      assertThat(open.get().out()).isEmpty();
      assertThat(open.get().err()).contains("did not answer within", never.endpoint());
    }
  }

  private static Host.Result open(FaultProxy proxy) {
    try {
      return S3Host.sqlite3(S3Host.environment(proxy.endpoint(), "faults/db"), SCAN + ";");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void anObjectThatIsReplacedUnderItsNameIsNoticedAndAnOpenConnectionSaysSo() throws Exception {
    Path other = folder.resolve("other");
    TestReplica.make(other, sql(999));
    ADMIN.putReplica(folder.resolve("replica"), "faults", "replaced");
    try (PythonTalk python =
        new PythonTalk(S3Host.environment(S3Host.server().endpoint(), "faults/replaced"))) {
      assertThat(python.openAnd(SCHEMA)).isEqualTo("1\n");
      ADMIN.putReplica(other, "faults", "replaced");
      // The transaction whose pages are gone fails, and so does this connection from then on, for
      // SQLite has read another history's schema; unless the follower has seen that first.
      assertThat(python.ask(SCAN)).matches("SQLITE_IOERR_(READ|LOCK)\n");
      assertThat(python.ask(SCAN)).isEqualTo("SQLITE_IOERR_LOCK\n");
      assertThat(python.openAnd(SCAN)).isEqualTo("3996000\n");
      assertThat(python.end()).contains("was replaced by another history", "open it again");
    }
  }

  @Test
  void aGapInTheTransactionsIsAnErrorThatNamesIt() throws Exception {
    byte[] file = Files.readAllBytes(snapshot());
    for (String name : List.of("1-1", "3-3")) {
      String[] ends = name.split("-", -1);
      ADMIN.put(
          "faults",
          "gap/0000/000000000000000" + ends[0] + "-000000000000000" + ends[1] + ".ltx",
          file);
    }
    Host.Result result =
        S3Host.sqlite3(S3Host.environment(S3Host.server().endpoint(), "faults/gap"), SCAN + ";");
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("unable to open database", "has a gap", "0000000000000001", "0000000000000003");
  }

  @Test
  void aFileThatIsCutShortIsNamedAtTheOpen() throws Exception {
    byte[] bytes = Files.readAllBytes(snapshot());
    Host.Result result = withSnapshot("cut", Arrays.copyOf(bytes, bytes.length / 2), SCAN + ";");
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("unable to open database", "LTX file 0009/", "is damaged", "make a new snapshot");
  }

  @Test
  void aDamagedFrameIsAnIoErrorThatNamesItsPageAndOtherPagesAreRead() throws Exception {
    byte[] bytes = Files.readAllBytes(snapshot());
    int frame = 2_000_000;
    // Its page number, one flag, and the length of its block: less than 64 KiB.
    while (ByteBuffer.wrap(bytes, frame, 8).getInt() >>> 16 != 0
        || ByteBuffer.wrap(bytes, frame + 4, 4).getInt() != 0x0001_0000) {
      frame++;
    }
    bytes[frame + 3] ^= 0x40;
    Host.Result result =
        withSnapshot(
            "flipped", bytes, ".bail off", SCAN + ";", "SELECT length(a) FROM t WHERE rowid = 1;");
    assertThat(result.out()).isEqualTo("1000\n");
    assertThat(result.err())
        .contains("disk I/O error", "LTX file 0009/", "the frame of page", "it is one of page");
  }

  private static Path snapshot() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("replica/ltx/9"))) {
      return files.findFirst().orElseThrow();
    }
  }

  /** The sqlite3 program on a replica whose snapshot has other bytes than it had. */
  private static Host.Result withSnapshot(String path, byte[] bytes, String... commands)
      throws Exception {
    ADMIN.put("faults", path + "/0009/" + snapshot().getFileName(), bytes);
    return S3Host.sqlite3(
        S3Host.environment(S3Host.server().endpoint(), "faults/" + path), commands);
  }
}
