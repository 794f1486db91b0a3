package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.FaultProxy;
import dev.rivulet.testing.S3Server;
import dev.rivulet.testing.TestReplica;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sqlite3_interrupt} while a query waits for a store that has fallen silent. */
@Tag("host")
class InterruptHostTest {
  @TempDir Path folder;

  @Test
  void aQueryThatWaitsForASilentStoreEndsAsInterruptedAndTheHostGoesOn() throws Exception {
    // Random, so that it is not one small object which the open reads whole.
    TestReplica.make(
        folder.resolve("replica"),
        "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
            + " INSERT INTO t SELECT randomblob(1000) FROM n;");
    Path opened = folder.resolve("opened");
    Path silent = folder.resolve("silent");
    try (S3Server server = S3Server.builder().anonymous().start();
        FaultProxy proxy = new FaultProxy(server.port())) {
      upload(server);
      CompletableFuture<Host.Result> host =
          python(
              Map.of(
                  "LITESTREAM_REPLICA_URL",
                  "s3://bucket/db?anonymous=true&region=us-east-1&forcePathStyle=true&endpoint="
                      + proxy.endpoint(),
                  "OPENED",
                  opened.toString(),
                  "SILENT",
                  silent.toString()),
              """
              import time
              load()
              c = connect()
              print(c.execute('SELECT name FROM sqlite_schema').fetchall())
              open(os.environ['OPENED'], 'w').close()
              while not os.path.exists(os.environ['SILENT']): time.sleep(0.01)
              ended = threading.Event()
              def interrupt():
                  # Again and again: one that comes before the query has no effect.
                  while not ended.wait(0.05): c.interrupt()
              threading.Thread(target=interrupt).start()
              try: print(c.execute('SELECT sum(length(a)) FROM t').fetchall())
              except sqlite3.OperationalError as e: print(e.sqlite_errorname)
              ended.set()
              print(sqlite3.connect(':memory:').execute('SELECT 42').fetchall())
              """);
      while (!Files.exists(opened) && !host.isDone()) {
        Thread.sleep(10);
      }
      proxy.set(new FaultProxy.Fault.Silent());
      Files.createFile(silent);

      assertThat(host.get())
          .isEqualTo(new Host.Result(0, "[('t',)]\nSQLITE_INTERRUPT\n[(42,)]\n", ""));
    }
  }

  private static CompletableFuture<Host.Result> python(
      Map<String, String> environment, String script) {
    return CompletableFuture.supplyAsync(() -> {
      try {
        return Host.python(environment, script);
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  /** A folder has its levels as {@code ltx/0}, a bucket as {@code 0000}. */
  private void upload(S3Server server) throws IOException {
    server.admin().createBucket("bucket");
    Path root = folder.resolve("replica/ltx");
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : files) {
      server.admin().put("bucket", "db/000" + root.relativize(file), Files.readAllBytes(file));
    }
  }
}
