package dev.rivulet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/** Databases made by SQLite itself, as bytes. */
public final class SqliteFiles {
  /** A database. */
  public static final class Database {
    private final byte[] bytes;
    private final int pageSize;
    private final Map<String, Integer> roots;

    Database(byte[] bytes, int pageSize, Map<String, Integer> roots) {
      this.bytes = bytes;
      this.pageSize = pageSize;
      this.roots = Map.copyOf(roots);
    }

    /** The file; not copied. */
    public byte[] bytes() {
      return bytes;
    }

    public int pageSize() {
      return pageSize;
    }

    /** Root pages by table or index. */
    public Map<String, Integer> roots() {
      return roots;
    }

    public int root(String name) {
      Integer root = roots.get(name);
      if (root == null) {
        throw new IllegalArgumentException("no table or index " + name);
      }
      return root;
    }

    public int pages() {
      return bytes.length / pageSize;
    }
  }

  private SqliteFiles() {}

  private interface Work {
    void on(Connection connection, Path file) throws SQLException;
  }

  /** Runs statements in a new database. */
  public static Database make(int pageSize, String... statements) {
    return make(
        pageSize,
        (connection, file) -> {
          try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
              statement.execute(sql);
            }
          }
        });
  }

  private static Database make(int pageSize, Work work) {
    try {
      Path file = Files.createTempFile("rivulet", ".db");
      try {
        Map<String, Integer> roots = new HashMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
            Statement statement = connection.createStatement()) {
          statement.execute("PRAGMA page_size = " + pageSize);
          work.on(connection, file);
          try (var rows = statement.executeQuery("SELECT name, rootpage FROM sqlite_schema")) {
            while (rows.next()) {
              roots.put(rows.getString(1), rows.getInt(2));
            }
          }
        }
        return new Database(Files.readAllBytes(file), pageSize, roots);
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A table {@code t} of rows of {@code bytes} random bytes, the same at each run; an index. */
  public static Database rows(int rows, int bytes) {
    return make(
        4096,
        (connection, ignored) -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, body BLOB)");
            statement.execute("CREATE INDEX by_k ON t (k)");
          }
          connection.setAutoCommit(false);
          Random random = new Random(7);
          try (var insert = connection.prepareStatement("INSERT INTO t VALUES (?, ?, ?)")) {
            for (int i = 1; i <= rows; i++) {
              byte[] body =
                  new byte[bytes]; // a new one for each row: the driver keeps it until the end
              random.nextBytes(body);
              insert.setInt(1, i);
              insert.setInt(2, (int) (i * 7919L % rows));
              insert.setBytes(3, body);
              insert.addBatch();
            }
            insert.executeBatch();
          }
          connection.commit();
          connection.setAutoCommit(true);
        });
  }
}
