package dev.rivulet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.rivulet.testing.DelayProxy;
import dev.rivulet.testing.Exchange.Kind;
import dev.rivulet.testing.Latency;
import dev.rivulet.testing.S3Server;
import dev.rivulet.testing.TestReplica;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several connections to one replica on a real S3 server: all share what the first has fetched. */
class PoolOnS3Test {
  private static final int CONNECTIONS = 4;
  private static final String SCAN = "SELECT sum(length(a)) FROM t";

  @TempDir Path folder;
  private S3Server server;
  private DelayProxy proxy;
  private String url;

  @BeforeEach
  void serveReplica() throws Exception {
    // Random, so that it is not one small object which the open reads whole.
    TestReplica.make(
        folder,
        "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
            + " INSERT INTO t SELECT randomblob(1000) FROM n;");
    server = S3Server.builder().anonymous().start();
    server.admin().putReplica(folder, "bucket", "db");
    proxy = DelayProxy.start(URI.create(server.endpoint()), Latency.NONE);
    url =
        "jdbc:rivulet:s3://bucket/db?anonymous=true&region=us-east-1&endpoint=" + proxy.endpoint();
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    server.close();
  }

  @Test
  void aSecondConnectionOfThePlainDriverCostsAtMostOneListAndNoGet() throws Exception {
    try (Connection first = DriverManager.getConnection(url)) {
      assertThat(number(first)).isEqualTo(4_000_000);
      assertThat(proxy.traffic().count(Kind.GET)).isPositive();
      proxy.reset();
      try (Connection second = DriverManager.getConnection(url)) {
        assertThat(number(second)).isEqualTo(4_000_000);
      }
      assertOneListAtMost();
    }
  }

  @Test
  void thePoolsConnectionsReadAtOnceAndFetchEachPageOnce() throws Exception {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(1);
    try (HikariDataSource pool = new HikariDataSource(config);
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS)) {
      try (Connection first = pool.getConnection()) {
        assertThat(number(first)).isEqualTo(4_000_000);
        proxy.reset();
        List<Callable<Long>> readers = new ArrayList<>();
        for (int i = 1; i < CONNECTIONS; i++) {
          readers.add(() -> {
            try (Connection connection = pool.getConnection()) {
              return number(connection);
            }
          });
        }
        for (Future<Long> answer : threads.invokeAll(readers)) {
          assertThat(answer.get()).isEqualTo(4_000_000);
        }
      }
      assertThat(proxy.traffic().count(Kind.GET)).as(proxy.traffic().trace()).isZero();
      assertThat(proxy.traffic().requests()).as(proxy.traffic().trace()).isLessThan(CONNECTIONS);
    }
  }

  private void assertOneListAtMost() {
    assertThat(proxy.traffic().count(Kind.LIST)).as(proxy.traffic().trace()).isLessThan(2);
    assertThat(proxy.traffic().requests() - proxy.traffic().count(Kind.LIST)).isZero();
  }

  private static long number(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(SCAN)) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }
}
