package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A primary at work: Litestream follows a busy database, merges its files upwards, makes snapshots
 * and deletes what they replace, all every few seconds; and we read what it has left in S3.
 */
@Tag("host")
class LiveLitestreamHostTest {
  /** Long enough for several snapshots, and for retention of each level to delete some files. */
  private static final long BUSY_SECONDS = 16;

  private static final String KEPT = LiveReader.KEPT + "\nok\n";

  private static final String[] TABLES = {
    "SELECT * FROM accounts ORDER BY id;",
    "SELECT id, hex(payload) FROM log ORDER BY id;",
    "SELECT * FROM books;",
    "SELECT type, name, sql FROM sqlite_schema ORDER BY name;",
    "PRAGMA page_count;",
    "PRAGMA integrity_check;",
  };

  @TempDir Path folder;
  private Map<String, String> environment = Map.of();

  @Test
  void everyColdOpenSeesOneTransactionsStateAndTheLastOneIsWhatLitestreamRestores()
      throws Exception {
    List<String> seen = new ArrayList<>();
    try (LivePrimary primary = new LivePrimary(folder)) {
      environment = S3Host.environment(primary.url);
      primary.awaitReplica();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BUSY_SECONDS);
      while (System.nanoTime() < end) {
        seen.add(openCold());
        if (seen.size() % 4 == 0) {
          assertThat(
                  JdbcProgram.run(
                      primary.url, environment, LiveReader.INVARIANT, "PRAGMA integrity_check;"))
              .isEqualTo(new Host.Result(0, KEPT, ""));
        }
      }
      assertThat(primary.stop()).as("transactions").isGreaterThan(50);
      isWhatLitestreamRestores(primary);
    }
    assertThat(seen).isSorted();
    assertThat(seen.stream().distinct().count()).as("states among %s", seen).isGreaterThan(4);
  }

  private void isWhatLitestreamRestores(LivePrimary primary) throws Exception {
    Path restored = folder.resolve("restored.db");
    primary.litestream.restore(primary.url, restored, S3Host.CREDENTIALS);
    Host.Result truth = local(primary.database, TABLES);
    assertThat(truth.out()).endsWith("ok\n");
    assertThat(local(restored, TABLES)).isEqualTo(truth);
    assertThat(S3Host.sqlite3(environment, TABLES)).isEqualTo(truth);
    assertThat(JdbcProgram.run(primary.url, environment, TABLES)).isEqualTo(truth);
    assertThat(S3Host.sqlite3(environment, ".dump")).isEqualTo(local(restored, ".dump"));
  }

  /** Opens, checks, and gives the TXID that was seen: 16 digits, so that text sorts as numbers. */
  private String openCold() throws Exception {
    Host.Result result =
        S3Host.sqlite3(
            environment,
            "BEGIN;",
            LiveReader.INVARIANT + ";",
            "PRAGMA integrity_check;",
            "PRAGMA litestream_txid;",
            "COMMIT;");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(result.out()).startsWith(KEPT);
    return result.out().substring(KEPT.length()).strip();
  }

  private static Host.Result local(Path file, String... commands) throws Exception {
    return Host.run(
        Map.of(),
        String.join("\n", commands) + "\n",
        List.of("sqlite3", "-batch", file.toString()));
  }
}
