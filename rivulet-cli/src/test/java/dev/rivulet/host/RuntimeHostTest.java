package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.TestReplica;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Distributions that are not whole, and Java runtimes that are not the right one. */
@Tag("host")
class RuntimeHostTest {
  private static final String OPEN = ".open file:///my.db?vfs=litestream";

  @TempDir Path folder;
  Path dist = Path.of("");
  String replica = "";

  @BeforeEach
  void copyDistribution() throws Exception {
    replica =
        TestReplica.make(
            folder.resolve("replica"), "CREATE TABLE t (a); INSERT INTO t VALUES (42);");
    dist = Files.createDirectory(folder.resolve("dist"));
    Files.copy(Host.distribution().resolve("litestream.so"), dist.resolve("litestream.so"));
    Files.createSymbolicLink(dist.resolve("runtime"), Host.distribution().resolve("runtime"));
    Host.run(
        Map.of(),
        "",
        List.of("cp", "-r", Host.distribution().resolve("lib").toString(), dist.toString()));
  }

  @Test
  void theCopyWorksAsItIs() throws Exception {
    assertThat(query(Map.of())).isEqualTo(new Host.Result(0, "42\n", ""));
  }

  @Test
  void aMissingRuntimeNamesTheFilesThatWereLookedFor() throws Exception {
    Files.delete(dist.resolve("runtime"));
    Host.Result result = query(Map.of("JAVA_HOME", "/nowhere/java"));
    assertThat(result.err())
        .contains(
            dist + "/runtime/lib/server/libjvm.so",
            "/nowhere/java/lib/server/libjvm.so",
            "JAVA_HOME");
  }

  @Test
  void javaHomeServesWhereThereIsNoRuntime() throws Exception {
    Files.delete(dist.resolve("runtime"));
    // Its AOT cache belongs to another runtime, which the JVM may say, but not on stdout.
    assertThat(query(Map.of("JAVA_HOME", System.getProperty("java.home"))).out()).isEqualTo("42\n");
  }

  @Test
  void anOlderJavaIsRefusedWithItsVersion() throws Exception {
    Files.delete(dist.resolve("runtime"));
    Path old = Files.createDirectories(folder.resolve("java17/lib/server"));
    Files.writeString(old.resolve("libjvm.so"), "");
    Files.writeString(
        folder.resolve("java17/release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.15\"\n");
    assertThat(query(Map.of("JAVA_HOME", folder.resolve("java17").toString())).err())
        .contains("java17 is Java 17");
  }

  @Test
  void aLibraryTornFromItsFolderSaysSo() throws Exception {
    Files.delete(dist.resolve("lib/jvm.options"));
    assertThat(query(Map.of()).err()).contains(dist + "/lib/jvm.options is missing");
  }

  @Test
  void missingClassesAreSaid() throws Exception {
    Files.delete(dist.resolve("lib/rivulet.jar"));
    Path options = dist.resolve("lib/jvm.options");
    // The AOT cache has the classes too.
    Files.write(
        options, Files.readAllLines(options).stream().filter(l -> !l.contains("AOT")).toList());
    Host.Result result = query(Map.of());
    assertThat(result.err()).contains("the folder of the distribution is not whole");
    assertThat(result.out()).isEmpty();
  }

  /** What a host says that opens a replica with more options of the JVM, and lives. */
  private String saidAbout(String more) throws Exception {
    Path options = dist.resolve("lib/jvm.options");
    Files.writeString(options, Files.readString(options) + more + "\n");
    Host.Result result =
        Host.sqlite3From(
            dist.resolve("litestream"),
            Map.of("LITESTREAM_REPLICA_URL", replica),
            ".bail off",
            "ATTACH 'file:my.db?vfs=litestream' AS r;",
            "SELECT 'alive';");
    assertThat(result.out()).isEqualTo("alive\n");
    return result.err();
  }

  @Test
  void aWrongOptionIsSaidAndTheHostLives() throws Exception {
    assertThat(saidAbout("-XX:+NoSuchOption")).contains("NoSuchOption").contains("lib/jvm.options");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Xms1m", "-Xmx1m", "-Xms16m\n-Xmx8m", "-Xms8q"})
  void aHeapWithWhichTheJvmWouldEndTheHostIsSaidAndTheHostLives(String heap) throws Exception {
    assertThat(saidAbout(heap))
        .contains(
            "the Java VM would not start", heap.lines().toList().getLast(), "lib/jvm.options");
  }

  @Test
  void aHeapThatIsTooSmallIsSqlitesOutOfMemoryAndTheHostLives() throws Exception {
    // The map of its pages is some MB.
    String large = LargeReplica.make(folder.resolve("large"), 1_000_000);
    Path options = dist.resolve("lib/jvm.options");
    Files.writeString(options, Files.readString(options) + "-Xmx8m\n");
    Host.Result result =
        Host.sqlite3From(
            dist.resolve("litestream"),
            Map.of("LITESTREAM_REPLICA_URL", replica),
            ".bail off",
            "ATTACH 'file:" + large + "?vfs=litestream' AS large;",
            "SELECT count(*) FROM large.big;",
            "SELECT 'alive';",
            OPEN,
            "SELECT a FROM t;");
    assertThat(result.out()).as(result.err()).isEqualTo("alive\n42\n");
    // 7 is SQLITE_NOMEM.
    assertThat(result.err())
        .contains("out of memory (7)")
        .contains("-Xmx in lib/jvm.options")
        .doesNotContain("Exception in thread");
  }

  @Test
  void theAotCacheIsAccepted() throws Exception {
    Path options = dist.resolve("lib/jvm.options");
    List<String> lines = new ArrayList<>(Files.readAllLines(options));
    assertThat(lines).contains("-XX:AOTMode=auto");
    lines.replaceAll(line -> line.equals("-XX:AOTMode=auto") ? "-XX:AOTMode=on" : line);
    Files.write(options, lines);
    assertThat(query(Map.of())).isEqualTo(new Host.Result(0, "42\n", ""));
  }

  @Test
  void aDamagedOrMissingAotCacheOnlyCostsTime() throws Exception {
    Path cache = dist.resolve("lib/rivulet.aot");
    Files.writeString(cache, "not a cache");
    assertThat(query(Map.of()).out()).isEqualTo("42\n");
    Files.delete(cache);
    assertThat(query(Map.of()).out()).isEqualTo("42\n");
  }

  @Test
  void loadingAloneNeedsNoRuntime() throws Exception {
    Files.delete(dist.resolve("runtime"));
    assertThat(Host.sqlite3From(dist.resolve("litestream"), Map.of(), "SELECT 1;"))
        .isEqualTo(new Host.Result(0, "1\n", ""));
  }

  @Test
  void theShimIsCleanUnderTheSanitizers() throws Exception {
    Path source = Path.of("../rivulet-library/src/main/c/build.sh").toAbsolutePath().normalize();
    Host.Result built =
        Host.run(
            Map.of("JAVA_HOME", System.getProperty("java.home")),
            "",
            List.of(
                "sh",
                source.toString(),
                folder.resolve("asan").toString(),
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=undefined"));
    assertThat(built.exit()).as(built.err()).isZero();
    Files.copy(
        folder.resolve("asan/litestream.so"),
        dist.resolve("litestream.so"),
        StandardCopyOption.REPLACE_EXISTING);
    String preload =
        Host.run(
                Map.of(),
                "",
                List.of(
                    "sh",
                    "-c",
                    "echo $(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"))
            .out()
            .trim();
    Host.Result result =
        Host.sqlite3From(
            dist.resolve("litestream"),
            Map.of(
                "LITESTREAM_REPLICA_URL", replica,
                "LD_PRELOAD", preload,
                // The JVM takes SIGSEGV in its everyday work, and never frees what it has at exit.
                "ASAN_OPTIONS", "handle_segv=0:detect_leaks=0:use_sigaltstack=0:abort_on_error=1"),
            ".bail off",
            ".load '" + dist + "/litestream'",
            OPEN,
            "SELECT a FROM t;",
            "PRAGMA litestream_txid;",
            "PRAGMA litestream_nothing;",
            "PRAGMA litestream_time = 'LATEST';",
            "PRAGMA litestream_time = 'LATEST';",
            "PRAGMA litestream_time = 'nonsense';",
            "SELECT litestream_set_time('LATEST'), litestream_refresh(), litestream_lag();",
            "SELECT litestream_set_time(NULL);",
            "SELECT litestream_set_time('LATEST') FROM t;",
            "SELECT * FROM litestream_history('exact', 'main') ORDER BY bytes;",
            "SELECT a.txid, b.txid FROM litestream_history a, litestream_history(NULL, 'main') b LIMIT 1;",
            "SELECT * FROM litestream_history('nonsense');",
            "SELECT * FROM litestream_history(NULL, 'nowhere');",
            "SELECT litestream_status('nowhere');",
            "INSERT INTO t VALUES (1);",
            "ATTACH '" + folder.resolve("local.db") + "' AS l;",
            "CREATE TABLE l.t AS SELECT * FROM main.t;",
            "VACUUM INTO '" + folder.resolve("into.db") + "';",
            "ATTACH 'file:nope?vfs=litestream&a=b' AS x;",
            ".open file:" + "x".repeat(4000) + "?vfs=litestream",
            ".open :memory:",
            "SELECT 'end';");
    assertThat(result.err()).doesNotContain("AddressSanitizer").doesNotContain("runtime error");
    assertThat(result.out()).startsWith("42\n").endsWith("end\n");
  }

  private Host.Result query(Map<String, String> more) throws Exception {
    Map<String, String> environment = new java.util.HashMap<>(more);
    environment.put("LITESTREAM_REPLICA_URL", replica);
    return Host.sqlite3From(dist.resolve("litestream"), environment, OPEN, "SELECT a FROM t;");
  }
}
