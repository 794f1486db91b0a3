package dev.rivulet.host;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * A busy application on a local database, on a thread of its own: inserts, updates, deletes, grows,
 * shrinks (incrementally, and by VACUUM). Each transaction moves money between accounts, whose sum
 * stays 100000, and enters in {@code books} how many rows and bytes {@code log} has.
 */
final class LiveWriter implements AutoCloseable {
  private static final String[] SCHEMA = {
    "PRAGMA auto_vacuum = INCREMENTAL",
    "PRAGMA journal_mode = WAL",
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)",
    "CREATE TABLE log (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)",
    "CREATE TABLE books (rows INTEGER NOT NULL, bytes INTEGER NOT NULL)",
    "CREATE INDEX log_by_start ON log (substr(payload, 1, 8))",
    "INSERT INTO books VALUES (0, 0)",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
        + " INSERT INTO accounts SELECT i, 1000 FROM n",
  };

  private final Connection connection;
  private final Random random = new Random(20);
  private final CompletableFuture<Integer> transactions;
  private volatile boolean stopped;

  LiveWriter(Path file) throws SQLException {
    connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    // Litestream's checkpoints lock writers out for a moment.
    run("PRAGMA busy_timeout = 10000");
    // Checkpoints are Litestream's. One of the application's own while Litestream is restarted
    // makes
    // level 0 files of transactions that its own restore finds malformed (docs/how-it-works.md).
    run("PRAGMA wal_autocheckpoint = 0");
    for (String sql : SCHEMA) {
      run(sql);
    }
    // Not on the common pool, whose one thread of a small machine reads the output of hosts.
    transactions =
        CompletableFuture.supplyAsync(this::work, task -> Thread.ofPlatform().daemon().start(task));
  }

  /** Ends the work; gives the number of transactions, or fails as the writer did. */
  int stop() {
    stopped = true;
    return transactions.join();
  }

  private int work() {
    int count = 0;
    try {
      while (!stopped) {
        transact();
        count++;
        if (count % 7 == 0) {
          run("PRAGMA incremental_vacuum(20)");
        }
        if (count % 90 == 0) {
          run("VACUUM");
        }
        Thread.sleep(20);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return count;
  }

  private void transact() throws SQLException {
    run("BEGIN IMMEDIATE");
    int amount = random.nextInt(50);
    run("UPDATE accounts SET balance = balance - " + amount + " WHERE id = " + account());
    run("UPDATE accounts SET balance = balance + " + amount + " WHERE id = " + account());
    switch (random.nextInt(10)) {
      case 0 -> run("DELETE FROM log WHERE id % 3 = " + random.nextInt(3));
      case 1 -> run("UPDATE log SET payload = randomblob(length(payload) / 2) WHERE id % 5 = 1");
      default ->
          run(
              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                      .formatted(1 + random.nextInt(12))
                  + " INSERT INTO log (payload) SELECT randomblob(abs(random() % 9000)) FROM n");
    }
    run(
        "UPDATE books SET rows = (SELECT count(*) FROM log),"
            + " bytes = (SELECT coalesce(sum(length(payload)), 0) FROM log)");
    run("COMMIT");
  }

  private int account() {
    return 1 + random.nextInt(100);
  }

  /** Some pragmas answer with rows, as many as they take steps: all of them must be fetched. */
  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (statement.execute(sql)) {
        try (ResultSet rows = statement.getResultSet()) {
          while (rows.next()) {
            // Only the stepping counts.
          }
        }
      }
    }
  }

  @Override
  public void close() throws SQLException {
    stopped = true;
    var _ = transactions.handle((_, _) -> 0).join();
    connection.close();
  }
}
