package dev.rivulet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.testing.FaultProxy;
import dev.rivulet.testing.S3Server;
import dev.rivulet.testing.TestReplica;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;

/**
 * {@code sqlite3_interrupt} while a query waits for a store that has fallen silent. In this host,
 * as its SQLite is surely 3.41 or newer: an older one cannot be asked whether it was interrupted.
 */
class InterruptTest {
  @TempDir Path folder;

  @Test
  void aQueryThatWaitsForASilentStoreEndsAsInterruptedAndTheHostGoesOn() throws Exception {
    // Random, so that it is not one small object which the open reads whole.
    TestReplica.make(
        folder.resolve("replica"),
        "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
            + " INSERT INTO t SELECT randomblob(1000) FROM n;");
    try (S3Server server = S3Server.builder().anonymous().start();
        FaultProxy proxy = new FaultProxy(server.port())) {
      server.admin().putReplica(folder.resolve("replica"), "bucket", "db");
      String url =
          "jdbc:rivulet:s3://bucket/db?anonymous=true&region=us-east-1&forcePathStyle=true&endpoint="
              + proxy.endpoint();
      try (Connection connection = DriverManager.getConnection(url);
          Connection ordinary = DriverManager.getConnection("jdbc:sqlite::memory:");
          Statement waiting = connection.createStatement()) {
        assertThat(number(connection, "SELECT count(*) FROM sqlite_schema")).isPositive();
        proxy.set(new FaultProxy.Fault.Silent());
        CountDownLatch ended = new CountDownLatch(1);
        Thread canceller = Thread.ofPlatform().start(() -> cancelUntil(ended, waiting));
        try {
          assertThatThrownBy(() -> waiting.executeQuery("SELECT sum(length(a)) FROM t").close())
              .isInstanceOfSatisfying(
                  SQLException.class,
                  e ->
                      assertThat(e.getErrorCode()).isEqualTo(SQLiteErrorCode.SQLITE_INTERRUPT.code))
              .hasMessageContaining("interrupted by sqlite3_interrupt");
        } finally {
          ended.countDown();
          canceller.join();
        }
        assertThat(number(ordinary, "SELECT 42")).isEqualTo(42);
      }
    }
  }

  /** Again and again: one that comes before the query has no effect. */
  private static void cancelUntil(CountDownLatch ended, Statement statement) {
    try {
      while (!ended.await(50, TimeUnit.MILLISECONDS)) {
        statement.cancel();
      }
    } catch (SQLException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getLong(1);
    }
  }
}
