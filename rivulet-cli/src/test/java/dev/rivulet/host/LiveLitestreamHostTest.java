package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.Litestream;
import dev.rivulet.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
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

  private static final String CONFIG =
      """
      levels:
        - interval: 2s
        - interval: 6s
      snapshot:
        interval: 4s
        retention: 6s
      l0-retention: 3s
      l0-retention-check-interval: 1s
      dbs:
        - path: DATABASE
          monitor-interval: 100ms
          checkpoint-interval: 2s
          replica:
            url: REPLICA
            sync-interval: 100ms
      """;

  /**
   * What each transaction of the writer keeps: no money is made or lost, and the log is as long as
   * the books say. Any page of another transaction than the rest would show.
   */
  private static final String INVARIANT =
      "SELECT (SELECT sum(balance) FROM accounts), "
          + "(SELECT count(*) - (SELECT rows FROM books) FROM log), "
          + "(SELECT total(length(payload)) - (SELECT bytes FROM books) FROM log);";

  private static final String KEPT = "100000|0|0.0\nok\n";

  private static final String[] TABLES = {
    "SELECT * FROM accounts ORDER BY id;",
    "SELECT id, hex(payload) FROM log ORDER BY id;",
    "SELECT * FROM books;",
    "SELECT type, name, sql FROM sqlite_schema ORDER BY name;",
    "PRAGMA page_count;",
    "PRAGMA integrity_check;",
  };

  @TempDir Path folder;
  private S3Server server;
  private Litestream litestream;
  private Path database;
  private String url;
  private Map<String, String> environment;

  @BeforeEach
  void start() throws Exception {
    server = S3Server.start();
    server.admin().createBucket("live");
    litestream = Litestream.setUp();
    database = folder.resolve("primary.db");
    url = server.url("live", "shop") + "&forcePathStyle=true";
    environment = S3Host.environment(url);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void everyColdOpenSeesOneTransactionsStateAndTheLastOneIsWhatLitestreamRestores()
      throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("litestream.yml"),
            CONFIG.replace("DATABASE", database.toString()).replace("REPLICA", url));
    Path log = folder.resolve("litestream.log");
    List<String> seen = new ArrayList<>();
    try (LiveWriter writer = new LiveWriter(database);
        Litestream.Running primary = litestream.start(config, log, S3Host.CREDENTIALS)) {
      awaitReplica(primary);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BUSY_SECONDS);
      while (System.nanoTime() < end) {
        seen.add(openCold());
        if (seen.size() % 4 == 0) {
          assertThat(JdbcProgram.run(url, environment, INVARIANT, "PRAGMA integrity_check;"))
              .isEqualTo(new Host.Result(0, KEPT, ""));
        }
      }
      assertThat(writer.stop()).as("transactions").isGreaterThan(50);
    }
    assertThat(seen).isSorted();
    assertThat(seen.stream().distinct().count()).as("states among %s", seen).isGreaterThan(4);

    Path restored = folder.resolve("restored.db");
    litestream.restore(url, restored, S3Host.CREDENTIALS);
    Host.Result truth = local(database, TABLES);
    assertThat(truth.out()).endsWith("ok\n");
    assertThat(local(restored, TABLES)).isEqualTo(truth);
    assertThat(S3Host.sqlite3(environment, TABLES)).isEqualTo(truth);
    assertThat(JdbcProgram.run(url, environment, TABLES)).isEqualTo(truth);
    assertThat(S3Host.sqlite3(environment, ".dump")).isEqualTo(local(restored, ".dump"));
  }

  /** Opens, checks, and gives the TXID that was seen: 16 digits, so that text sorts as numbers. */
  private String openCold() throws Exception {
    Host.Result result =
        S3Host.sqlite3(
            environment,
            "BEGIN;",
            INVARIANT,
            "PRAGMA integrity_check;",
            "PRAGMA litestream_txid;",
            "COMMIT;");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    assertThat(result.out()).startsWith(KEPT);
    return result.out().substring(KEPT.length()).strip();
  }

  private void awaitReplica(Litestream.Running primary) throws Exception {
    Host.Result result = S3Host.sqlite3(environment, INVARIANT);
    for (int i = 0; i < 20 && !result.err().isEmpty(); i++) {
      assertThat(primary.process().isAlive()).isTrue();
      Thread.sleep(200);
      result = S3Host.sqlite3(environment, INVARIANT);
    }
    assertThat(result.err()).isEmpty();
  }

  private static Host.Result local(Path file, String... commands) throws Exception {
    return Host.run(
        Map.of(),
        String.join("\n", commands) + "\n",
        List.of("sqlite3", "-batch", file.toString()));
  }
}
