package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.TestReplica;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How processes end that have read from S3: reads work as long as there is somebody to ask, and
 * nobody waits for what will not come.
 */
@Tag("host")
class EndHostTest {
  private static final String FEW = "SELECT count(*) FROM sqlite_schema WHERE name = 't'";

  /** Of a table that {@link #FEW} does not fetch. */
  private static final String MANY = "SELECT sum(length(a)) FROM t";

  @TempDir static Path folder;
  static Map<String, String> environment = Map.of();

  @BeforeAll
  static void makeReplica() throws Exception {
    TestReplica.make(
        folder.resolve("ending"),
        "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i"
            + " < 4000) INSERT INTO t SELECT randomblob(1000) FROM n;");
    S3Host.server().admin().putReplica(folder.resolve("ending"), "shop", "ending");
    environment = S3Host.environment(S3Host.server().endpoint(), "shop/ending");
  }

  @ParameterizedTest
  @EnumSource(EndingProgram.Way.class)
  void aJavaHostReadsToItsEndAndLeavesNoThreadsToWaitFor(EndingProgram.Way way) throws Exception {
    Host.Result result = EndingProgram.run(environment, way, FEW, MANY);
    // What is still in use cannot be taken away.
    String left = way == EndingProgram.Way.LEAVES_IT_OPEN ? "" : "0 threads\n";
    assertThat(result).isEqualTo(new Host.Result(0, "1\n4000000\n" + left, ""));
  }

  /** aws-crt says it on most of the occasions, not on each. */
  @Test
  void norDoesTheCommand() throws Exception {
    Map<String, String> warned =
        S3Host.with(
            environment,
            "RIVULET_JAVA_OPTIONS",
            "-Daws.crt.log.destination=Stderr -Daws.crt.log.level=Warn");
    String rivulet = Host.distribution().resolve("bin/rivulet").toString();
    String url = environment.get("LITESTREAM_REPLICA_URL");
    for (List<String> command :
        List.of(
            List.of(rivulet, "info", url),
            List.of(rivulet, "restore", url, "-o", folder.resolve("copy.db").toString()))) {
      Host.Result result = S3Host.run(warned, "", command);
      assertThat(result.exit()).as(result.err()).isZero();
      assertThat(result.err()).doesNotContain("Not all native threads were successfully joined");
    }
  }
}
