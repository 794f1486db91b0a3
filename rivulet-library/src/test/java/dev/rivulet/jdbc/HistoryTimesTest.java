package dev.rivulet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.replica.Layout;
import dev.rivulet.store.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTimesTest {
  private static final int PAGE_SIZE = 4096;

  @TempDir Path folder;

  @Test
  void sqlComparesTimesOfOneSecondAsTheyAre() throws Exception {
    Path replica = Files.createDirectory(folder.resolve("replica"));
    byte[] database = database();
    try (FileStore store = new FileStore(replica)) {
      ReplicaBuilder builder = new ReplicaBuilder(store, Layout.DECIMAL, PAGE_SIZE, 0);
      builder.database(database);
      builder.later(-500);
      builder.database(database);
    }
    try (Connection connection = DriverManager.getConnection("jdbc:rivulet:file://" + replica)) {
      String history = " FROM litestream_history('exact')";
      assertThat(column(connection, "SELECT time" + history + " ORDER BY time"))
          .containsExactly("2026-01-01T00:00:01.000Z", "2026-01-01T00:00:01.500Z");
      assertThat(column(connection, "SELECT max(time) = litestream_time()" + history))
          .containsExactly("1");
      String setTime = "SELECT litestream_set_time('2026-01-01T00:00:01.500Z')";
      assertThat(column(connection, setTime))
          .containsExactly("2026-01-01T00:00:01.000Z 0000000000000001");
    }
  }

  private byte[] database() throws Exception {
    Path file = folder.resolve("plain.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA page_size = " + PAGE_SIZE);
      statement.execute("CREATE TABLE t (id)");
    }
    return Files.readAllBytes(file);
  }

  private static List<String> column(Connection connection, String sql) throws Exception {
    List<String> values = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }
}
