package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.TestReplica;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's sqlite3 program, unmodified. */
@Tag("host")
class Sqlite3HostTest {
  private static final String OPEN = ".open file:///my.db?vfs=litestream";
  private static final String QUERY = "SELECT sum(stars) FROM ratings;";

  @TempDir static Path folder;
  static String replica = "";
  static Map<String, String> environment = Map.of();

  @BeforeAll
  static void makeReplica() throws Exception {
    replica =
        TestReplica.make(
            folder.resolve("replica"),
            """
            PRAGMA journal_mode=WAL;
            CREATE TABLE ratings (id INTEGER PRIMARY KEY, stars INT, note TEXT);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
            INSERT INTO ratings SELECT i, i % 5, printf('note %d', i) FROM n;
            """);
    environment = Map.of("LITESTREAM_REPLICA_URL", replica);
  }

  @ParameterizedTest
  @ValueSource(strings = {"litestream", "litestream.so", "litestream-vfs", "litestream-vfs.so"})
  void theExtensionLoadsUnderBothItsNames(String name) throws Exception {
    Host.Result result =
        Host.sqlite3From(Host.distribution().resolve(name), environment, OPEN, QUERY);
    assertThat(result).isEqualTo(new Host.Result(0, "10000\n", ""));
  }

  @Test
  void loadingTwiceAndUnderBothNamesIsHarmless() throws Exception {
    Path dist = Host.distribution();
    Host.Result result =
        Host.sqlite3(
            environment,
            ".load '" + dist + "/litestream'",
            ".load '" + dist + "/litestream-vfs'",
            OPEN,
            ".load '" + dist + "/litestream-vfs'",
            QUERY);
    assertThat(result).isEqualTo(new Host.Result(0, "10000\n", ""));
  }

  @Test
  void aSecondCopyOfTheLibraryLeavesTheFirstInCharge() throws Exception {
    Path copy = Files.copy(Host.distribution().resolve("litestream.so"), folder.resolve("copy.so"));
    Host.Result result =
        Host.sqlite3(environment, ".load '" + copy + "' sqlite3_litestream_init", OPEN, QUERY);
    assertThat(result).isEqualTo(new Host.Result(0, "10000\n", ""));
  }

  @Test
  void itLoadsThroughASymbolicLinkAndFromAPathWithSpaces() throws Exception {
    Path spaced = Files.createDirectory(folder.resolve("with some spaces"));
    Path moved = spaced.resolve("ri vulet");
    Host.run(Map.of(), "", List.of("cp", "-r", Host.distribution().toString(), moved.toString()));
    Path link =
        Files.createSymbolicLink(folder.resolve("litestream.so"), moved.resolve("litestream.so"));
    for (Path extension : List.of(moved.resolve("litestream"), link)) {
      assertThat(Host.sqlite3From(extension, environment, OPEN, QUERY))
          .isEqualTo(new Host.Result(0, "10000\n", ""));
    }
  }

  @Test
  void aRelativePathStillWorksAfterTheHostChangedItsDirectory() throws Exception {
    Host.Result result =
        Host.python(
            environment,
            """
            os.chdir(DIST)
            c = sqlite3.connect(':memory:')
            c.enable_load_extension(True)
            c.load_extension('./litestream')
            os.chdir('/')
            print(connect().execute('SELECT count(*) FROM ratings').fetchone()[0])
            """);
    assertThat(result).isEqualTo(new Host.Result(0, "5000\n", ""));
  }

  @Test
  void aReplicaIsNamedInEachOfThreeWays() throws Exception {
    String encoded = URLEncoder.encode(replica, StandardCharsets.UTF_8);
    for (String open :
        List.of(
            "file:my.db?vfs=litestream&replica_url=" + encoded,
            "file:my.db?replica_url=" + encoded + "&vfs=litestream",
            "file:" + replica + "?vfs=litestream")) {
      assertThat(Host.sqlite3(Map.of(), ".open " + open, QUERY))
          .isEqualTo(new Host.Result(0, "10000\n", ""));
    }
    assertThat(Host.sqlite3(environment, ".open file:my.db?vfs=litestream", QUERY).out())
        .isEqualTo("10000\n");
  }

  @Test
  void manyDatabasesAreOpenInOneProcessOrdinaryOnesAmongThem() throws Exception {
    String other =
        TestReplica.make(folder.resolve("other"), "CREATE TABLE o (a); INSERT INTO o VALUES (7);");
    Path local = folder.resolve("local.db");
    Host.Result result =
        Host.sqlite3(
            environment,
            "CREATE TABLE m (a); INSERT INTO m VALUES (1); SELECT a FROM m;",
            "ATTACH 'file:" + replica + "?vfs=litestream' AS r;",
            "ATTACH 'file:" + other + "?vfs=litestream' AS o;",
            "ATTACH '" + local + "' AS l;",
            "CREATE TABLE l.t AS SELECT m.a + o.a AS s FROM m, o.o;",
            "SELECT s, (SELECT sum(stars) FROM r.ratings) FROM l.t;",
            ".open " + local,
            "SELECT s FROM t;",
            ".open ''",
            "SELECT 'memory';");
    assertThat(result).isEqualTo(new Host.Result(0, "1\n8|10000\n8\nmemory\n", ""));
  }

  @Test
  void localFilesAreAttachedAndWrittenWhileAReplicaIsMain() throws Exception {
    Path local = folder.resolve("beside.db");
    Host.Result result =
        Host.sqlite3(
            environment,
            OPEN,
            "ATTACH '" + local + "' AS l;",
            "CREATE TABLE l.copy AS SELECT * FROM ratings WHERE stars = 4;",
            "SELECT count(*) FROM l.copy;");
    assertThat(result).isEqualTo(new Host.Result(0, "1000\n", ""));
  }

  @Test
  void oneTransactionOverTwoLocalFilesUnderARelativelyNamedReplicaIsRefused() throws Exception {
    // Its super-journal could not be found again after a crash, see litestream.c.
    Path one = folder.resolve("one.db");
    Path two = folder.resolve("two.db");
    Host.Result result =
        Host.sqlite3(
            environment,
            ".open file:my.db?vfs=litestream",
            "ATTACH '" + one + "' AS one; ATTACH '" + two + "' AS two;",
            "CREATE TABLE one.t (a); CREATE TABLE two.t (a);",
            ".bail off",
            "BEGIN; INSERT INTO one.t VALUES (1); INSERT INTO two.t VALUES (1);",
            "COMMIT;",
            "ROLLBACK;",
            "SELECT (SELECT count(*) FROM one.t) + (SELECT count(*) FROM two.t);");
    assertThat(result.err()).contains("open a local database as main, and ATTACH the replica");
    assertThat(result.out()).isEqualTo("0\n");
  }

  @Test
  void vacuumIntoBackupAndDumpGiveTheWholeDatabase() throws Exception {
    Path vacuumed = folder.resolve("vacuumed.db");
    Path backup = folder.resolve("backup.db");
    assertThat(
            Host.sqlite3(
                environment, OPEN, "VACUUM INTO '" + vacuumed + "';", ".backup '" + backup + "'"))
        .isEqualTo(new Host.Result(0, "", ""));
    for (Path copy : List.of(vacuumed, backup)) {
      assertThat(
              Host.run(
                      Map.of(),
                      "",
                      List.of("sqlite3", copy.toString(), QUERY + "PRAGMA integrity_check;"))
                  .out())
          .isEqualTo("10000\nok\n");
    }
    assertThat(Host.sqlite3(environment, OPEN, ".dump").out())
        .contains("INSERT INTO ratings VALUES(5000,0,'note 5000');")
        .endsWith("COMMIT;\n");
  }

  @Test
  void pragmasAndFunctionsAnswerForTheSchemaTheyAreAskedFor() throws Exception {
    Host.Result result =
        Host.sqlite3(
            environment,
            "ATTACH 'file:my.db?vfs=litestream' AS past;",
            "PRAGMA past.litestream_txid;",
            "PRAGMA past.LITESTREAM_TXID;",
            "SELECT litestream_txid('past'), length(litestream_time('past')) > 0;",
            "SELECT json_valid(litestream_stats('past')), json_valid(litestream_status('past'));");
    assertThat(result.err()).isEmpty();
    assertThat(result.out().lines())
        .hasSize(4)
        .satisfies(lines -> {
          assertThat(lines.get(0)).matches("[0-9a-f]{16}").isEqualTo(lines.get(1));
          assertThat(lines.get(2)).isEqualTo(lines.get(0) + "|1");
          assertThat(lines.get(3)).isEqualTo("1|1");
        });
  }

  @Test
  void wrongPragmasAndFunctionsSayWhatIsRight() throws Exception {
    assertThat(Host.sqlite3(environment, OPEN, "PRAGMA litestream_status = 5;").err())
        .contains("litestream_status is read-only");
    assertThat(Host.sqlite3(environment, OPEN, "PRAGMA litestream_foo;").err())
        .contains("litestream_foo", "litestream_status");
    assertThat(Host.sqlite3(environment, "SELECT litestream_txid();").err())
        .contains("schema 'main' is not a replica");
    assertThat(Host.sqlite3(environment, OPEN, "SELECT litestream_txid('nowhere');").err())
        .contains("schema 'nowhere' is not a replica");
  }

  @Test
  void aWriteIsRefusedAsReadOnlyWithAReason() throws Exception {
    for (String write : List.of("DELETE FROM ratings;", "BEGIN IMMEDIATE;", "VACUUM;")) {
      assertThat(Host.sqlite3(environment, OPEN, write).err())
          .contains("attempt to write a readonly database")
          .contains("cannot write to /my.db: a replica is opened for reading only");
    }
  }

  @Test
  void theJournalModeStaysAsItIs() throws Exception {
    assertThat(Host.sqlite3(environment, OPEN, "PRAGMA journal_mode = WAL;", QUERY))
        .isEqualTo(new Host.Result(0, "delete\n10000\n", ""));
  }

  @Test
  void aLocalJournalOfTheSameNameIsNotTakenForTheReplicas() throws Exception {
    Path name = folder.resolve("hot.db");
    // A hot journal's header: it would be rolled back into a database of this name.
    byte[] journal = new byte[1024];
    byte[] magic = {(byte) 0xd9, (byte) 0xd5, 5, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7};
    System.arraycopy(magic, 0, journal, 0, magic.length);
    Path file = Files.write(folder.resolve("hot.db-journal"), journal);
    assertThat(Host.sqlite3(environment, ".open file://" + name + "?vfs=litestream", QUERY))
        .isEqualTo(new Host.Result(0, "10000\n", ""));
    assertThat(file).exists();
  }

  @Test
  void immutableAndNolockReadWithoutLocks() throws Exception {
    for (String flag : List.of("immutable=1", "nolock=1")) {
      assertThat(Host.sqlite3(environment, ".open file:my.db?vfs=litestream&" + flag, QUERY))
          .isEqualTo(new Host.Result(0, "10000\n", ""));
    }
  }

  @Test
  void noReplicaAnUnknownParameterAndATooLongNameAreSaid() throws Exception {
    assertThat(Host.sqlite3(Map.of(), OPEN, QUERY).err()).contains("LITESTREAM_REPLICA_URL");
    assertThat(
            Host.sqlite3(environment, ".open file:my.db?vfs=litestream&pol_interval=1s", QUERY)
                .err())
        .contains("pol_interval");
    assertThat(
            Host.sqlite3(environment, ".open file:" + "x".repeat(3000) + "?vfs=litestream", QUERY)
                .err())
        .contains("too long");
  }

  @Test
  void aFailedOpenLeavesOtherConnectionsAlone() throws Exception {
    Host.Result result =
        Host.sqlite3(
            environment,
            ".bail off",
            "ATTACH 'file:my.db?vfs=litestream' AS a;",
            "ATTACH 'file:file:///nonexistent?vfs=litestream' AS b;",
            "SELECT sum(stars) FROM a.ratings;");
    assertThat(result.out()).isEqualTo("10000\n");
    assertThat(result.err()).contains("/nonexistent");
  }

  @Test
  void linesOfTheLogGoToTheFileAndNeverToStdout() throws Exception {
    Path log = folder.resolve("rivulet.log");
    Host.Result result =
        Host.sqlite3(
            Map.of(
                "LITESTREAM_REPLICA_URL",
                replica,
                "LITESTREAM_LOG_FILE",
                log.toString(),
                "LITESTREAM_LOG_LEVEL",
                "debug"),
            OPEN,
            QUERY,
            "DELETE FROM ratings;");
    assertThat(result.out()).isEqualTo("10000\n");
    assertThat(result.err()).doesNotContain("rivulet:");
    assertThat(log).content().contains("cannot write to /my.db");
    assertThat(
            Host.sqlite3(
                    Map.of("LITESTREAM_REPLICA_URL", replica, "LITESTREAM_LOG_LEVEL", "loud"),
                    OPEN,
                    QUERY)
                .err())
        .contains("LITESTREAM_LOG_LEVEL", "WARN");
  }

  @Test
  void aPipeThatClosesEndsTheHostAsItWouldWithoutUs() throws Exception {
    // "sqlite3 ... | head": the JVM would otherwise have made SIGPIPE harmless for all.
    Path script =
        Files.writeString(
            folder.resolve("pipe.sql"),
            ".load '"
                + Host.distribution()
                + "/litestream'\n"
                + OPEN
                + "\nSELECT a.note FROM ratings a, ratings b;\n");
    Host.Result result =
        Host.run(
            environment,
            "",
            List.of(
                "bash",
                "-c",
                "sqlite3 -batch < '" + script + "' | head -1; echo ${PIPESTATUS[0]}"));
    assertThat(result.out()).isEqualTo("note 1\n141\n");
  }
}
