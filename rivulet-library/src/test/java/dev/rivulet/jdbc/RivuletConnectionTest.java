package dev.rivulet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.rivulet.testing.TestReplica;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RivuletConnectionTest {
  private static final String FIRST = "0000000000000001";
  private static final int DIGITS = 16;

  @TempDir static Path made;
  @TempDir Path folder;
  String url = "";

  /** Where the files beyond the first state belong. */
  private final Map<Path, Path> aside = new HashMap<>();

  private String last = "";

  @BeforeAll
  static void makeReplica() throws IOException {
    TestReplica.make(
        made, "CREATE TABLE t (id); INSERT INTO t VALUES (1);", "INSERT INTO t VALUES (2);");
  }

  @BeforeEach
  void copyReplica() throws IOException {
    for (Path file : files(made)) {
      Path to = folder.resolve(made.relativize(file));
      Files.createDirectories(to.getParent());
      Files.copy(file, to);
    }
    url = "jdbc:rivulet:file://" + folder;
    last = files(folder).stream().map(f -> end(f)).max(Comparator.naturalOrder()).orElseThrow();
  }

  @Test
  void aPoolsConnectionsShareALocalFile() throws Exception {
    Path local = Files.createTempDirectory("rivulet-local").resolve("my.db");
    RivuletDataSource source = new RivuletDataSource();
    source.setUrl(url);
    source.setHydrationPath(local.toString());
    HikariConfig config = new HikariConfig();
    config.setDataSource(source);
    config.setMaximumPoolSize(2);
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection one = pool.getConnection();
        Connection two = pool.getConnection()) {
      for (Connection connection : List.of(one, two)) {
        RivuletConnection replica = connection.unwrap(RivuletConnection.class);
        assertThat(replica.awaitHydration(Duration.ofSeconds(10))).isTrue();
        assertThat(replica.status()).contains("\"progress\":\"100.0\"", local.toString());
      }
    }
    try (Connection plain = DriverManager.getConnection("jdbc:sqlite:" + local);
        Statement statement = plain.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
      assertThat(rows.getInt(1)).isEqualTo(2);
    }
    try (Connection without = DriverManager.getConnection(url)) {
      RivuletConnection replica = without.unwrap(RivuletConnection.class);
      assertThatThrownBy(() -> replica.awaitHydration(Duration.ofMillis(1)))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("none was asked for (hydration_path)");
    }
  }

  @Test
  void itIsHadThroughAPoolsProxy() throws SQLException {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    try (HikariDataSource pool = new HikariDataSource(config);
        Connection connection = pool.getConnection()) {
      assertThat(connection.isWrapperFor(RivuletConnection.class)).isTrue();
      RivuletConnection replica = connection.unwrap(RivuletConnection.class);
      assertThat(replica.txid()).isEqualTo(last);
      assertThat(replica.lagSeconds()).isBetween(0L, 60L);
      assertThat(replica.status()).contains(last);
    }
  }

  @Test
  void aConnectionTravelsAndFollowsAgain() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      RivuletConnection replica = connection.unwrap(RivuletConnection.class);
      String time =
          text(
              connection,
              "SELECT min(time) FROM litestream_history('exact') WHERE txid = '" + last + "'");
      assertThat(replica.travelToTxid(FIRST)).contains(FIRST);
      assertThat(rows(connection)).isEqualTo(1);
      assertThat(replica.follow()).contains(last);
      assertThat(rows(connection)).isEqualTo(2);
      // What is strictly older than the newest transaction.
      assertThat(replica.travel(time)).contains(FIRST);
      assertThat(rows(connection)).isEqualTo(1);
      assertThat(replica.time()).isLessThanOrEqualTo(time);
    }
  }

  @Test
  void aUrlOpensAtAMoment() throws SQLException {
    String time;
    try (Connection connection = DriverManager.getConnection(url)) {
      String query = "SELECT min(time) FROM litestream_history('exact') WHERE txid = '";
      time = text(connection, query + last + "'");
    }
    for (String moment : List.of("?time=" + time, "?txid=" + FIRST, "?txid=1")) {
      try (Connection connection = DriverManager.getConnection(url + moment)) {
        assertThat(rows(connection)).as(moment).isEqualTo(1);
        assertThat(connection.unwrap(RivuletConnection.class).follow()).contains(last);
        assertThat(rows(connection)).as(moment).isEqualTo(2);
      }
    }
    assertThatThrownBy(() -> DriverManager.getConnection(url + "?time=someday").close())
        .hasMessageContaining("someday");
  }

  @Test
  void insideATransactionItDoesNotTravel() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      RivuletConnection replica = connection.unwrap(RivuletConnection.class);
      connection.setAutoCommit(false);
      assertThat(rows(connection)).isEqualTo(2);
      assertThatThrownBy(() -> replica.travelToTxid(FIRST))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("read transaction");
      assertThat(rows(connection)).isEqualTo(2);
      connection.commit();
      replica.travelToTxid(FIRST);
      assertThat(rows(connection)).isEqualTo(1);
    }
  }

  @Test
  void aPreparedPragmaTravelsEachTimeItIsExecuted() throws SQLException {
    String sql = "PRAGMA litestream_txid = '" + FIRST + "'";
    try (Connection connection = DriverManager.getConnection(url);
        PreparedStatement first = connection.prepareStatement(sql)) {
      for (int i = 0; i < 3; i++) {
        first.executeQuery().close();
        assertThat(rows(connection)).isEqualTo(1);
        text(connection, "PRAGMA litestream_time = 'LATEST'");
        assertThat(rows(connection)).isEqualTo(2);
      }
    }
  }

  @Test
  void aTransactionThatIsStillToComeIsWaitedFor() throws Exception {
    hideLaterFiles();
    try (Connection connection = DriverManager.getConnection(url)) {
      RivuletConnection replica = connection.unwrap(RivuletConnection.class);
      assertThat(replica.refresh()).isEqualTo(FIRST);
      CompletableFuture<Void> upload =
          CompletableFuture.runAsync(
              this::showLaterFiles, CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
      replica.awaitTxid(last, Duration.ofMinutes(1));
      assertThat(rows(connection)).isEqualTo(2);
      replica.awaitTxid(FIRST, Duration.ZERO); // what is there is not waited for
      upload.join();
    }
  }

  @Test
  void aTransactionThatDoesNotComeIsATimeoutThatNamesWhatThereIs() throws Exception {
    try (Connection connection = DriverManager.getConnection(url)) {
      RivuletConnection replica = connection.unwrap(RivuletConnection.class);
      for (Duration timeout : List.of(Duration.ZERO, Duration.ofMillis(120))) {
        assertThatThrownBy(() -> replica.awaitTxid("00000000000000ff", timeout))
            .isInstanceOf(SQLTimeoutException.class)
            .hasMessageContaining("00000000000000ff")
            .hasMessageContaining(last);
      }
      assertThat(rows(connection)).isEqualTo(2);
    }
  }

  @Test
  void anOpenTransactionCannotWaitForWhatItWillNeverRead() throws Exception {
    hideLaterFiles();
    try (Connection connection = DriverManager.getConnection(url)) {
      RivuletConnection replica = connection.unwrap(RivuletConnection.class);
      connection.setAutoCommit(false);
      assertThat(rows(connection)).isEqualTo(1);
      showLaterFiles();
      assertThatThrownBy(() -> replica.awaitTxid(last, Duration.ofMinutes(1)))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("commit or roll back");
      assertThat(rows(connection)).isEqualTo(1);
      connection.commit();
      replica.awaitTxid(last, Duration.ZERO);
      assertThat(rows(connection)).isEqualTo(2);
    }
  }

  @Test
  void whatIsNoTxidIsRefused() throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      RivuletConnection replica = connection.unwrap(RivuletConnection.class);
      for (String wrong :
          List.of("", "1", "000000000000000g", "+000000000000001", "-000000000000001")) {
        assertThatThrownBy(() -> replica.awaitTxid(wrong, Duration.ofMinutes(1)))
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("16 hex digits");
      }
    }
  }

  @Test
  void settersOfTheDataSourceAreParametersOfTheUrl() throws SQLException {
    RivuletDataSource source = new RivuletDataSource();
    source.setReplicaUrl("s3://bucket/db");
    source.setPollInterval("500ms");
    source.setMaxStaleness("30s");
    source.setTime("5 minutes ago");
    source.setTxid("0000000000000a01");
    RivuletUrl parsed = RivuletUrl.parse(source.wholeUrl());
    assertThat(parsed.parameters())
        .containsOnly(
            Map.entry("poll_interval", "500ms"),
            Map.entry("max_staleness", "30s"),
            Map.entry("time", "5%20minutes%20ago"),
            Map.entry("txid", "0000000000000a01"));
    assertThat(parsed.sqliteName())
        .contains("&time=5%20minutes%20ago", "&poll%5finterval=500ms", "&max%5fstaleness=30s");
  }

  private void hideLaterFiles() throws IOException {
    Path hidden = Files.createDirectory(folder.resolve("hidden"));
    for (Path file : files(folder)) {
      if (!end(file).equals(FIRST)) {
        Path to = hidden.resolve(Integer.toString(aside.size()));
        aside.put(Files.move(file, to), file);
      }
    }
    assertThat(aside).isNotEmpty();
  }

  private void showLaterFiles() {
    aside.forEach((from, to) -> {
      try {
        Files.move(from, to);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root.resolve("ltx"))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  /** The last transaction of a file named {@code MIN-MAX.ltx}. */
  private static String end(Path file) {
    String name = file.getFileName().toString();
    return name.substring(DIGITS + 1, 2 * DIGITS + 1);
  }

  private static long rows(Connection connection) throws SQLException {
    return Long.parseLong(text(connection, "SELECT count(*) FROM t"));
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }
}
