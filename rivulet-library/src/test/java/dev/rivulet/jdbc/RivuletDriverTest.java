package dev.rivulet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.rivulet.testing.TestReplica;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.ProgressHandler;

class RivuletDriverTest {
  @TempDir static Path folder;
  static String replica = "";

  @BeforeAll
  static void makeReplica() throws Exception {
    replica =
        TestReplica.make(
            // All that means something in a URI, or to SQLite, and that a replica's URL can carry.
            folder.resolve("a&b=c+d%20e'f;g"),
            "CREATE TABLE ratings (name TEXT, stars INT); INSERT INTO ratings VALUES ('blt', 4), ('club', 5);");
  }

  @Test
  void aPlainDriverOpensAReplicaByItsUrl() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:rivulet:" + replica)) {
      assertThat(text(connection, "SELECT name FROM ratings WHERE stars = 5")).isEqualTo("club");
      assertThat(text(connection, "SELECT litestream_txid()")).hasSize(16);
      assertThat(text(connection, "PRAGMA litestream_txid")).hasSize(16);
    }
  }

  @Test
  void ordinaryConnectionsBesideItStayOrdinary() throws SQLException {
    Path local = folder.resolve("local.db");
    try (Connection ours = DriverManager.getConnection("jdbc:rivulet:" + replica);
        Connection plain = DriverManager.getConnection("jdbc:sqlite:" + local);
        Connection memory = DriverManager.getConnection("jdbc:sqlite::memory:")) {
      run(plain, "CREATE TABLE t (a)");
      run(plain, "INSERT INTO t VALUES (7)");
      run(memory, "CREATE TABLE t (a)");
      assertThat(text(plain, "SELECT a FROM t")).isEqualTo("7");
      assertThat(text(ours, "SELECT count(*) FROM ratings")).isEqualTo("2");
      assertThatThrownBy(() -> text(plain, "SELECT litestream_txid()"))
          .hasMessageContaining("schema 'main' is not a replica");
    }
  }

  @Test
  void aReplicaIsAttachedToAnOrdinaryConnection() throws SQLException {
    try (Connection ours = DriverManager.getConnection("jdbc:rivulet:" + replica);
        Connection memory = DriverManager.getConnection("jdbc:sqlite:file::memory:")) {
      assertThat(ours.isValid(1)).isTrue();
      run(memory, "ATTACH '" + RivuletUrl.parse("jdbc:rivulet:" + replica).sqliteName() + "' AS r");
      assertThat(text(memory, "SELECT count(*) FROM r.ratings")).isEqualTo("2");
      assertThat(text(memory, "SELECT litestream_txid('r')")).hasSize(16);
    }
  }

  @Test
  void aConnectionIsReadOnlyWhateverAPoolAsksFor() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:rivulet:" + replica)) {
      connection.setReadOnly(false);
      assertThat(connection.isReadOnly()).isTrue();
      assertThatThrownBy(() -> run(connection, "DELETE FROM ratings"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("readonly");
    }
  }

  @Test
  void anUnknownParameterIsNamedInTheException() {
    assertThatThrownBy(
            () -> DriverManager.getConnection("jdbc:rivulet:" + replica + "?pol_interval=1s"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("pol_interval");
  }

  @Test
  void aMissingReplicaIsNamedInTheException() {
    assertThatThrownBy(() -> DriverManager.getConnection("jdbc:rivulet:file:///nonexistent/x"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("/nonexistent/x");
  }

  @Test
  void aReplicaUrlWithAFragmentIsRefusedAndNotCutShort() {
    assertThatThrownBy(() -> DriverManager.getConnection("jdbc:rivulet:" + replica + "#x"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("#");
  }

  @Test
  void userAndPasswordAreRefusedAndNotIgnored() {
    assertThatThrownBy(() -> DriverManager.getConnection("jdbc:rivulet:" + replica, "me", "hush"))
        .hasMessageContaining("environment")
        .hasMessageNotContaining("hush");
  }

  @Test
  void credentialsInAUrlAreInNoMessageAndNoMetadata() throws SQLException {
    assertThatThrownBy(
            () -> DriverManager.getConnection("jdbc:rivulet:nope://me:hush@host/x?token=hush2"))
        .satisfies(thrown -> {
          for (Throwable t = thrown; t != null; t = t.getCause()) {
            assertThat(t.toString()).doesNotContain("hush");
          }
        });
    try (Connection connection =
        DriverManager.getConnection("jdbc:rivulet:" + replica + "?cache_size=2MiB")) {
      assertThat(connection.getMetaData().getURL()).isEqualTo("jdbc:rivulet:" + replica);
    }
  }

  @Test
  void parametersOfTheUrlAreNotTakenForPragmas() throws SQLException {
    try (Connection connection =
        DriverManager.getConnection("jdbc:rivulet:" + replica + "?cache_size=1048576")) {
      assertThat(text(connection, "PRAGMA cache_size")).isEqualTo("-2000");
    }
  }

  @Test
  void propertiesAreThePragmasOfXerial() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("cache_size", "-64");
    try (Connection connection =
        DriverManager.getConnection("jdbc:rivulet:" + replica, properties)) {
      assertThat(text(connection, "PRAGMA cache_size")).isEqualTo("-64");
    }
  }

  @Test
  void anExceptionOfTheHostThatIsUnderWayIsNotLostAndDoesNoHarm() throws SQLException {
    // Not closed: after such an exception sqlite-jdbc itself cannot, on an ordinary database
    // either.
    Connection connection = DriverManager.getConnection("jdbc:rivulet:" + replica);
    ProgressHandler.setHandler(
        connection,
        1,
        new ProgressHandler() {
          @Override
          protected int progress() throws SQLException {
            throw new SQLException("thrown by the handler");
          }
        });
    assertThatThrownBy(() -> text(connection, "SELECT sum(stars) FROM ratings"))
        .hasMessageContaining("thrown by the handler");
    ProgressHandler.clearHandler(connection);
    assertThat(text(connection, "SELECT sum(stars) FROM ratings")).isEqualTo("9");
  }

  @Test
  void aPoolServesSeveralConnectionsAtOnce() throws Exception {
    RivuletDataSource source = new RivuletDataSource();
    source.setReplicaUrl(replica);
    source.setParameter("cache_size", "2MiB");
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setMaximumPoolSize(4);
    try (HikariDataSource pool = new HikariDataSource(config);
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<String>> queries = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        queries.add(() -> {
          try (Connection connection = pool.getConnection()) {
            return text(connection, "SELECT sum(stars) FROM ratings");
          }
        });
      }
      for (Future<String> answer : threads.invokeAll(queries)) {
        assertThat(answer.get()).isEqualTo("9");
      }
    }
  }

  @Test
  void aPoolWorksByUrlAlone() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl("jdbc:rivulet:" + replica);
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection connection = pool.getConnection()) {
      assertThat(text(connection, "SELECT count(*) FROM ratings")).isEqualTo("2");
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }
}
