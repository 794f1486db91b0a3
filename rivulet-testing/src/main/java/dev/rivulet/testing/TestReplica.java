package dev.rivulet.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** TEMPORARY body: makes what the temporary Session serves; the real one writes LTX files. */
public final class TestReplica {
  private TestReplica() {}

  /**
   * Makes a replica of the database that some SQL makes.
   *
   * @return its URL
   */
  public static String make(Path folder, String sql) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Process sqlite =
        new ProcessBuilder(
                "sqlite3", "-batch", "-bail", folder.resolve("temporary.db").toString(), sql)
            .redirectErrorStream(true)
            .start();
    String output =
        new String(sqlite.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (sqlite.waitFor() != 0) {
      throw new IOException(output);
    }
    return "file://" + folder;
  }
}
