package dev.rivulet.host;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A host that stays open beside a live primary and checks each answer. It prints a line for each:
 * milliseconds since 1970, the TXID, the answer; or {@code error} and its text in place of both.
 */
final class LiveReader {
  /**
   * What each transaction of the writer keeps: no money is made or lost, and the log is as long as
   * the books say. Any page of another transaction than the rest would show.
   */
  static final String INVARIANT =
      "SELECT (SELECT sum(balance) FROM accounts) || ' ' ||"
          + " (SELECT count(*) - (SELECT rows FROM books) FROM log) || ' ' ||"
          + " (SELECT total(length(payload)) - (SELECT bytes FROM books) FROM log)";

  static final String KEPT = "100000 0 0.0";

  /** A reader comes back so often; what it measures is at most that much too late. */
  private static final int PERIOD_MILLIS = 20;

  /** For the last answer, which may come after a pause, and the start. */
  private static final long GRACE_SECONDS = 60;

  /** So many answers between two looks at all of the database. */
  private static final int WHOLE = 25;

  /**
   * One answer.
   *
   * @param millis when it was read
   * @param txid of the transaction; 0 if it failed
   * @param text what was read, or why it failed
   */
  record Answer(long millis, long txid, String text) {
    static Answer parse(String line) {
      String[] parts = line.split(" ", 3);
      boolean failed = parts[1].equals("error");
      return new Answer(
          Long.parseLong(parts[0]), failed ? 0 : Long.parseLong(parts[1], 16), parts[2]);
    }

    boolean isRight() {
      return text.equals(KEPT) || text.equals(KEPT + " ok");
    }
  }

  private static final String SMALL_CACHE = "&cache_size=1MiB";

  private static final String PYTHON =
      """
      c = connect(NAME)
      c.isolation_level = None
      turn = 0
      while time.time() < end:
          turn += 1
          try:
              c.execute('BEGIN')
              answer = c.execute(INVARIANT).fetchone()[0]
              at = time.time()
              if turn % WHOLE == 0:
                  answer += ' ' + c.execute('PRAGMA integrity_check').fetchone()[0]
              txid = c.execute('SELECT litestream_txid()').fetchone()[0]
              c.execute('COMMIT')
              say(at, txid, answer)
          except Exception as e:
              if c.in_transaction: c.execute('ROLLBACK')
              say(time.time(), 'error', repr(e))
          time.sleep(PERIOD_MILLIS / 1000)
      """;

  /** Holds each transaction for longer than anything is retained, and reads on in it. */
  private static final String PAUSED =
      """
      c = connect(NAME)
      c.isolation_level = None
      c.execute('PRAGMA cache_size = 10')
      while time.time() < end:
          try:
              c.execute('BEGIN')
              txid = c.execute('SELECT litestream_txid() FROM accounts').fetchone()[0]
              time.sleep(14)
              answer = c.execute(INVARIANT).fetchone()[0]
              # Has SQLITE_IOERR_READ in its text, and goes on, where others fail with it: the first
              # query's pages may still be at hand, and those of the rest be gone.
              whole = c.execute('PRAGMA integrity_check').fetchone()[0]
              if 'error code=266' in whole: raise sqlite3.OperationalError('disk I/O error')
              answer += ' ' + whole
              c.execute('COMMIT')
              say(time.time(), txid, answer)
          except Exception as e:
              if c.in_transaction: c.execute('ROLLBACK')
              say(time.time(), 'error', repr(e))
          answer = c.execute(INVARIANT).fetchone()[0]
          say(time.time(), c.execute('SELECT litestream_txid()').fetchone()[0], answer)
      """;

  private LiveReader() {}

  static CompletableFuture<List<Answer>> python(Map<String, String> environment, long seconds) {
    return python(environment, PYTHON, "", seconds);
  }

  /** Has little cache, and so reads again and again what may be merged and deleted by then. */
  static CompletableFuture<List<Answer>> forgetful(Map<String, String> environment, long seconds) {
    return python(environment, PYTHON, SMALL_CACHE, seconds);
  }

  /** Fills a local file, and has little cache beside it. */
  static CompletableFuture<List<Answer>> hydrated(
      Map<String, String> environment, Path local, long seconds) {
    return python(environment, PYTHON, SMALL_CACHE + "&hydration_path=" + local, seconds);
  }

  static CompletableFuture<List<Answer>> paused(Map<String, String> environment, long seconds) {
    return python(environment, PAUSED, SMALL_CACHE, seconds);
  }

  private static CompletableFuture<List<Answer>> python(
      Map<String, String> environment, String script, String parameters, long seconds) {
    String prelude =
        """
        import time
        INVARIANT = "%s"
        PERIOD_MILLIS = %d
        WHOLE = %d
        NAME = 'file:my.db?vfs=litestream%s'
        end = time.time() + %d
        def say(at, txid, answer):
            print('%%d %%s %%s' %% (at * 1000, txid, answer.replace('\\n', '; ')), flush=True)
        load()
        """
            .formatted(INVARIANT, PERIOD_MILLIS, WHOLE, parameters, seconds);
    return answers(
        environment, List.of(Host.PYTHON, "-c", Host.pythonPrelude() + prelude + script), seconds);
  }

  static CompletableFuture<List<Answer>> jdbc(
      String url, Map<String, String> environment, long seconds) {
    return answers(
        environment,
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "-XX:TieredStopAtLevel=1",
            "-Dslf4j.internal.verbosity=ERROR",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            LiveReader.class.getName(),
            "jdbc:rivulet:" + url,
            Long.toString(seconds)),
        seconds);
  }

  private static CompletableFuture<List<Answer>> answers(
      Map<String, String> environment, List<String> command, long seconds) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            Host.Result result = Host.run(environment, "", command, seconds + GRACE_SECONDS);
            // Its log says why, if a poll failed; what counts is that it reads on.
            if (result.exit() != 0) {
              throw new AssertionError("a reader failed: " + result.err() + result.out());
            }
            System.out.print(result.err());
            List<Answer> answers = new ArrayList<>();
            result.out().lines().forEach(line -> answers.add(Answer.parse(line)));
            return answers;
          } catch (Exception e) {
            throw new AssertionError("a reader failed", e);
          }
        },
        Host.OWN_THREAD);
  }

  public static void main(String[] args) throws Exception {
    long end = System.currentTimeMillis() + Long.parseLong(args[1]) * 1000;
    try (Connection connection = DriverManager.getConnection(args[0]);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int turn = 1; System.currentTimeMillis() < end; turn++) {
        try {
          String answer = one(statement, INVARIANT);
          long at = System.currentTimeMillis();
          if (turn % WHOLE == 0) {
            answer += " " + one(statement, "PRAGMA integrity_check");
          }
          String txid = one(statement, "SELECT litestream_txid()");
          connection.commit();
          System.out.println(at + " " + txid + " " + answer.replace('\n', ' '));
        } catch (SQLException e) {
          connection.rollback();
          System.out.println(System.currentTimeMillis() + " error " + e.getMessage());
        }
        Thread.sleep(PERIOD_MILLIS);
      }
    }
  }

  private static String one(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      return rows.getString(1);
    }
  }
}
