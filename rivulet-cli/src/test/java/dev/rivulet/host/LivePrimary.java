package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.DelayProxy;
import dev.rivulet.testing.Exchange;
import dev.rivulet.testing.Latency;
import dev.rivulet.testing.Litestream;
import dev.rivulet.testing.S3Server;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * A primary at work: Litestream follows a busy database, merges its files upwards, makes snapshots
 * and deletes what they replace, all every few seconds. It uploads through a proxy of its own that
 * knows when each object had arrived.
 */
final class LivePrimary implements AutoCloseable {
  private static final String CONFIG =
      """
      levels:
        - interval: 2s
        - interval: 6s
      snapshot:
        interval: 4s
        retention: 8s
      l0-retention: 5s
      l0-retention-check-interval: 1s
      dbs:
        - path: DATABASE
          monitor-interval: 100ms
          checkpoint-interval: 2s
          replica:
            url: REPLICA
            sync-interval: 100ms
      """;

  private static final String BUCKET = "live";

  final Path database;
  final Litestream litestream;

  /** The replica, past the proxy. */
  final String url;

  private final S3Server server;
  private final DelayProxy proxy;
  private final long proxyMillis;
  private final Path config;
  private final Path log;
  private final LiveWriter writer;
  private Litestream.Running running;

  LivePrimary(Path folder) throws Exception {
    server = S3Server.start();
    server.admin().createBucket(BUCKET);
    litestream = Litestream.setUp();
    database = folder.resolve("primary.db");
    log = folder.resolve("litestream.log");
    url = server.url(BUCKET, "shop") + "&forcePathStyle=true";
    proxy = DelayProxy.start(URI.create(server.endpoint()), Latency.NONE);
    proxyMillis = System.currentTimeMillis();
    config =
        Files.writeString(
            folder.resolve("litestream.yml"),
            CONFIG
                .replace("DATABASE", database.toString())
                .replace("REPLICA", url.replace(server.endpoint(), proxy.endpoint().toString())));
    writer = new LiveWriter(database);
    running = litestream.start(config, log, S3Host.CREDENTIALS);
  }

  /** Waits until the replica has a state. */
  void awaitReplica() throws Exception {
    Map<String, String> environment = S3Host.environment(url);
    Host.Result result = S3Host.sqlite3(environment, LiveReader.INVARIANT + ";");
    for (int i = 0; i < 20 && !result.err().isEmpty(); i++) {
      assertThat(running.process().isAlive()).isTrue();
      Thread.sleep(200);
      result = S3Host.sqlite3(environment, LiveReader.INVARIANT + ";");
    }
    assertThat(result).isEqualTo(new Host.Result(0, LiveReader.KEPT + "\n", ""));
  }

  /** Restarts the primary, in good order or as a crash; the writer goes on meanwhile. */
  void restart(boolean crash) throws Exception {
    if (crash) {
      running.kill();
    } else {
      running.close();
    }
    running = litestream.start(config, log, S3Host.CREDENTIALS);
  }

  /**
   * Ends the writer, and the primary when it has uploaded all; gives the number of transactions.
   */
  int stop() throws Exception {
    int transactions = writer.stop();
    running.close();
    return transactions;
  }

  /** When each TXID's own file had arrived in the store: milliseconds since 1970. */
  NavigableMap<Long, Long> arrivals() {
    NavigableMap<Long, Long> arrivals = new TreeMap<>();
    for (Exchange exchange : proxy.traffic().exchanges()) {
      int level0 = exchange.key().indexOf("/0000/");
      if (exchange.kind() == Exchange.Kind.PUT
          && level0 >= 0
          && exchange.status() == 200
          && exchange.end().isPresent()) {
        long txid = Long.parseLong(exchange.key().substring(level0 + 6, level0 + 22), 16);
        arrivals.putIfAbsent(txid, proxyMillis + exchange.end().getAsLong() / 1_000_000);
      }
    }
    return arrivals;
  }

  @Override
  public void close() throws IOException {
    try (server;
        proxy;
        var _ = running) {
      writer.close();
    } catch (java.sql.SQLException e) {
      throw new IOException(e);
    }
  }
}
