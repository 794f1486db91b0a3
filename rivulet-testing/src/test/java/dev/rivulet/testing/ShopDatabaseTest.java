package dev.rivulet.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShopDatabaseTest {

  private static final ShopDatabase.Size SIZE = ShopDatabase.Size.SMALL;

  @TempDir Path folder;

  @Test
  void everyQueryFindsWhatItIsMeantToFind() throws Exception {
    Path shop = folder.resolve("shop.db");
    ShopDatabase.create(shop, SIZE);
    assertThat(Files.size(shop)).isBetween(900_000L, 1_100_000L);
    assertThat(sqlite(shop, "PRAGMA integrity_check; PRAGMA foreign_key_check;")).isEqualTo("ok");
    assertThat(sqlite(shop, ShopQuery.SCHEMA.sql(SIZE))).isEqualTo("9");
    assertThat(sqlite(shop, ShopQuery.ROW.sql(SIZE))).startsWith(SIZE.someOrder() + "|");
    assertThat(sqlite(shop, ShopQuery.ORDER.sql(SIZE))).startsWith(SIZE.someOrder() + "|");
    assertThat(sqlite(shop, ShopQuery.JOIN.sql(SIZE))).doesNotStartWith("|");
    assertThat(sqlite(shop, ShopQuery.SCATTERED.sql(SIZE))).startsWith(SIZE.scatteredRows() + "|");
    assertThat(sqlite(shop, ShopQuery.SUM.sql(SIZE))).matches("(\\d+\\|){3}\\d+");
  }

  @Test
  void theSameSizeIsTheSameFile() throws Exception {
    Path one = folder.resolve("one.db");
    Path two = folder.resolve("two.db");
    ShopDatabase.create(one, SIZE);
    ShopDatabase.create(two, SIZE);
    assertThat(Files.mismatch(one, two)).isEqualTo(-1);
  }

  @Test
  void litestreamRestoresFromS3WhatItReplicatedThere() throws Exception {
    Path shop = folder.resolve("shop.db");
    ShopDatabase.create(shop, SIZE);
    try (S3Server server = S3Server.start();
        DelayProxy proxy = DelayProxy.start(URI.create(server.endpoint()), Latency.NONE)) {
      server.admin().createBucket("bucket");
      String url = "s3://bucket/shop?forcePathStyle=true&endpoint=" + proxy.endpoint();
      Map<String, String> credentials =
          Map.of(
              "AWS_ACCESS_KEY_ID",
              S3Server.ACCESS_KEY,
              "AWS_SECRET_ACCESS_KEY",
              S3Server.SECRET_KEY);
      Litestream litestream = Litestream.setUp();
      litestream.replicateOnce(shop, url, credentials);
      assertThat(proxy.traffic().exchanges())
          .filteredOn(e -> e.kind() == Exchange.Kind.PUT)
          .extracting(Exchange::key)
          .contains("bucket/shop/0009/0000000000000001-0000000000000001.ltx");
      Path restored = folder.resolve("restored.db");
      litestream.restore(url, restored, credentials);
      String all = "SELECT * FROM orders; SELECT * FROM items; " + ShopQuery.SCHEMA.sql(SIZE);
      assertThat(sqlite(restored, all)).isEqualTo(sqlite(shop, all));
    }
  }

  @Test
  void litestreamFollowsADatabaseUntilItIsClosed() throws Exception {
    Path shop = folder.resolve("shop.db");
    ShopDatabase.create(shop, SIZE);
    Path replica = folder.resolve("replica");
    Path config =
        Files.writeString(
            folder.resolve("litestream.yml"),
            "dbs:\n  - path: %s\n    replica:\n      url: file://%s\n".formatted(shop, replica));
    Litestream litestream = Litestream.setUp();
    try (Litestream.Running primary = litestream.start(config, folder.resolve("log"), Map.of())) {
      while (!Files.exists(replica.resolve("ltx/0/0000000000000001-0000000000000001.ltx"))) {
        assertThat(primary.process().isAlive()).isTrue();
        Thread.sleep(20);
      }
      sqlite(shop, "PRAGMA busy_timeout = 5000; DELETE FROM orders WHERE id > 10;");
    }
    Path restored = folder.resolve("restored.db");
    litestream.restore("file://" + replica, restored, Map.of());
    assertThat(sqlite(restored, "SELECT count(*) FROM orders;")).isEqualTo("10");
  }

  private static String sqlite(Path file, String sql) throws Exception {
    return Command.run(
            Duration.ofMinutes(1),
            new ProcessBuilder(List.of("sqlite3", "-batch", file.toString(), sql)))
        .strip();
  }
}
