package dev.rivulet.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Makes a small replica, by the stock {@code sqlite3} and Litestream itself. */
public final class TestReplica {
  private static final java.time.Duration DEADLINE = java.time.Duration.ofMinutes(1);

  private TestReplica() {}

  /**
   * Makes a replica of the database that some SQL makes, in the {@code file://} layout.
   *
   * @param folder where the replica will lie
   * @param states SQL that leads from each state of the replica to the next; at least one
   * @return its URL
   */
  public static String make(Path folder, String... states) throws IOException {
    // Litestream takes file names as parts of URLs: it works under plain ones, and the result
    // moves.
    Path work = Files.createTempDirectory("replica");
    Path database = work.resolve("primary.db");
    Litestream litestream = Litestream.setUp();
    for (String sql : states) {
      Command.run(
          DEADLINE,
          new ProcessBuilder(
              "sqlite3", "-batch", "-bail", database.toString(), "PRAGMA journal_mode=WAL;" + sql));
      litestream.replicateOnce(database, "file://" + work.resolve("replica"), Map.of());
    }
    Files.createDirectories(folder);
    Files.move(work.resolve("replica").resolve("ltx"), folder.resolve("ltx"));
    return "file://" + folder.toAbsolutePath();
  }
}
