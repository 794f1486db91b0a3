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
   * @param folder where the replica will lie; the database it came from lies beside it
   * @return its URL
   */
  public static String make(Path folder, String sql) throws IOException {
    Files.createDirectories(folder);
    Path database = folder.resolveSibling(folder.getFileName() + ".db");
    Files.deleteIfExists(database);
    Command.run(
        DEADLINE,
        new ProcessBuilder(
            "sqlite3", "-batch", "-bail", database.toString(), "PRAGMA journal_mode=WAL;" + sql));
    String url = "file://" + folder.toAbsolutePath();
    Litestream.setUp().replicateOnce(database, url, Map.of());
    return url;
  }
}
