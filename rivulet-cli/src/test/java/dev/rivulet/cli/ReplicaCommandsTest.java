package dev.rivulet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.TestReplica;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code info} and {@code restore} on the replica that {@code demo} makes. */
class ReplicaCommandsTest {
  private static final String ACCIDENT = "0000000000000007";

  @TempDir Path folder;
  private String url = "";
  private Path output = Path.of("");

  @BeforeEach
  void makeReplica() {
    Ran made = Ran.inProcess("demo", "--only-replica", "--dir", folder.toString());
    assertThat(made.err()).isEmpty();
    url = made.out().strip();
    output = folder.resolve("restored.db");
  }

  @Test
  void infoShowsLevelsTxidsAndThePages() {
    Ran ran = Ran.inProcess("info", url);

    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .contains("newest state  TXID " + ACCIDENT)
        .contains("oldest state  TXID 0000000000000001")
        .contains("3 pages of 4096 bytes, 12.0 KiB")
        .containsPattern("0 +7 +0000000000000001  0000000000000007")
        .containsPattern("1 +1 +0000000000000001  0000000000000004")
        .containsPattern("9 \\(snapshots\\) +1 +0000000000000001  0000000000000005")
        .containsPattern("all +9 ");
  }

  /** What stands in some JSON, called x: SQLite judges whether it is any, and what it says. */
  private static String in(String json, String columns) throws IOException {
    return new Sqlite3("sqlite3")
        .run(
            Path.of(":memory:"),
            Map.of(),
            "SELECT " + columns + " FROM (SELECT '" + json.replace("'", "''") + "' AS x)");
  }

  @Test
  void infoPrintsJson() throws IOException {
    Ran ran = Ran.inProcess("info", "--json", url);

    assertThat(ran.code()).isZero();
    assertThat(
            in(
                ran.out(),
                "x ->> '$.pages', x ->> '$.max_txid', x ->> '$.levels[2].level', x ->> '$.min_txid'"))
        .isEqualTo("3|" + ACCIDENT + "|9|0000000000000001\n");
  }

  @Test
  void infoOfAGapShowsWhatThereIsAndFails() throws IOException {
    delete("ltx/0/0000000000000006-0000000000000006.ltx");

    Ran ran = Ran.inProcess("info", url);

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).contains("0000000000000007");
    assertThat(ran.err()).contains("gap");
    Ran json = Ran.inProcess("info", url, "--json");
    assertThat(json.code()).isEqualTo(1);
    assertThat(json.out()).contains("\"problem\": \"");
  }

  @Test
  void historyListsEveryStateAndItsTimeIfThatIsAskedFor() throws IOException {
    Ran ran = Ran.inProcess("history", url);

    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(ran.out().lines()).hasSize(8);
    assertThat(ran.out())
        .startsWith("TXID ")
        // The transactions' own files, though the fourth and fifth end merged ones too.
        .containsPattern("0000000000000003 +0 +\\d+ +20")
        .containsPattern("0000000000000004 +0 +\\d+ +20")
        .containsPattern("0000000000000005 +0 +\\d+ +20")
        .doesNotContain("header time");
    Ran exact = Ran.inProcess("history", url, "--exact");
    assertThat(exact.out()).contains("header time").containsPattern(ACCIDENT + ".*Z  .*Z\n");
    Ran json = Ran.inProcess("history", url, "--exact", "--json");
    assertThat(
            in(
                json.out(),
                "json_array_length(x, '$.states'), x ->> '$.states[6].txid',"
                    + " x ->> '$.states[6].time' > x ->> '$.states[5].time'"))
        .isEqualTo("7|" + ACCIDENT + "|1\n");
  }

  @Test
  void restoresATimeAsPeopleSayIt() throws IOException {
    assertThat(Ran.inProcess("restore", url, "-o", output.toString(), "--timestamp", "now").out())
        .contains("TXID " + ACCIDENT);
    assertThat(query("SELECT count(*) FROM sandwich_ratings")).isEqualTo("7\n");
  }

  @Test
  void restoresTheNewestState() throws IOException {
    Ran ran = Ran.inProcess("restore", url, "-o", output.toString());

    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).contains("TXID " + ACCIDENT);
    assertThat(query("SELECT count(*), sum(stars) FROM sandwich_ratings")).isEqualTo("7|7\n");
    assertThat(query("PRAGMA integrity_check")).isEqualTo("ok\n");
  }

  @Test
  void restoresATxidGivenShortOrLong() throws IOException {
    Ran.inProcess("restore", url, "-o", output.toString(), "--txid=2");
    assertThat(query("SELECT count(*) FROM sandwich_ratings")).isEqualTo("3\n");
    Ran.inProcess("restore", url, "-o", output.toString(), "--force", "-txid", "0000000000000006");
    assertThat(query("SELECT count(*), sum(stars) FROM sandwich_ratings")).isEqualTo("7|28\n");
  }

  @Test
  void restoresTheStateBeforeTheAccident() throws IOException {
    String accident =
        Times.format(
            Files.getLastModifiedTime(
                    folder.resolve("replica/ltx/0/" + ACCIDENT + "-" + ACCIDENT + ".ltx"))
                .toMillis());

    Ran ran = Ran.inProcess("restore", url, "-o", output.toString(), "--timestamp", accident);

    assertThat(ran.code()).isZero();
    assertThat(query("SELECT sum(stars) FROM sandwich_ratings")).isEqualTo("28\n");
  }

  @Test
  void aTimeBeforeTheFirstChangeNamesTheFirst() {
    Ran ran =
        Ran.inProcess(
            "restore", url, "-o", output.toString(), "--timestamp", "2001-01-01T00:00:00Z");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("oldest state").contains("TXID 0000000000000001");
    assertThat(output).doesNotExist();
  }

  @Test
  void refusesToOverwriteWithoutForce() throws IOException {
    Files.writeString(output, "precious");

    Ran refused = Ran.inProcess("restore", url, "-o", output.toString());

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("--force");
    assertThat(output).hasContent("precious");
    assertThat(Ran.inProcess("restore", url, "-o", output.toString(), "--force").code()).isZero();
    assertThat(query("SELECT count(*) FROM sandwich_ratings")).isEqualTo("7\n");
  }

  @Test
  void damageIsAnErrorAndLeavesNoFile() throws IOException {
    Path file = folder.resolve("replica/ltx/0/" + ACCIDENT + "-" + ACCIDENT + ".ltx");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);

    Ran ran = Ran.inProcess("restore", url, "-o", output.toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("damaged").contains("checksum").contains(ACCIDENT);
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(folder.resolve("replica"));
    }
  }

  @Test
  void aMissingOutputFolderIsNamed() {
    Ran ran = Ran.inProcess("restore", url, "-o", folder.resolve("no/where.db").toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("There is no folder").contains("no:");
  }

  @Test
  void theDemoMakesNoSecondReplicaInAFolder() {
    Ran ran = Ran.inProcess("demo", "--only-replica", "--dir", folder.toString());

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("already");
  }

  @Test
  void theTimesOfTheDemoRise() throws IOException {
    List<Path> files;
    try (var list = Files.list(folder.resolve("replica/ltx/0"))) {
      files = list.sorted().toList();
    }
    assertThat(files).hasSize(7);
    for (int i = 1; i < files.size(); i++) {
      assertThat(Files.getLastModifiedTime(files.get(i)))
          .isGreaterThan(Files.getLastModifiedTime(files.get(i - 1)));
    }
  }

  private void delete(String file) throws IOException {
    Files.delete(folder.resolve("replica").resolve(file));
  }

  private String query(String sql) throws IOException {
    return new Sqlite3("sqlite3").run(output, Map.of(), sql);
  }

  @Test
  void hydratesAFileThatIsTheDatabaseAndIsTakenUpAgain() throws IOException {
    Ran ran = Ran.inProcess("hydrate", url, output.toString());
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out()).startsWith("Hydrated " + output + ": ");
    Ran restored = Ran.inProcess("restore", url, "-o", output + ".restored");
    assertThat(restored.code()).isZero();
    assertThat(output).hasSameBinaryContentAs(Path.of(output + ".restored"));
    assertThat(Path.of(output + ".rivulet")).exists();
    assertThat(Ran.inProcess("hydrate", url, output.toString()).code()).isZero();
  }

  /** Read whole in one request, and in pieces. */
  @ParameterizedTest
  @ValueSource(ints = {2, 6})
  void hydratingADamagedReplicaFails(int megabytes) throws IOException {
    Path damaged = folder.resolve("damaged");
    String other =
        TestReplica.make(
            damaged,
            "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                + megabytes * 1000
                + ") INSERT INTO t SELECT randomblob(1000) FROM n;");
    try (Stream<Path> files = Files.walk(damaged)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".ltx")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1; // in a page, most likely, which then still decodes
        Files.write(file, bytes);
      }
    }
    Ran ran = Ran.inProcess("hydrate", other, output.toString());
    assertThat(ran.err()).contains("cannot end", "is damaged");
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
  }

  @Test
  void hydratingIntoSomethingElseIsRefusedAndLeavesItAlone() throws IOException {
    Files.writeString(output, "precious");
    Ran ran = Ran.inProcess("hydrate", url, output.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("was not made by hydration", "remove it, or choose another");
    assertThat(output).hasContent("precious");
    assertThat(Ran.inProcess("hydrate", url, output + "/", "--bandwidth", "x").code()).isEqualTo(2);
  }
}
