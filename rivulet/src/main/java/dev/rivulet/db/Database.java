package dev.rivulet.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** TEMPORARY. */
public final class Database {
  private Database() {}

  public static Session open(Settings settings, BooleanSupplier interrupted) throws IOException {
    String url = settings.url();
    if (!url.startsWith("file://")) {
      throw new IOException("cannot reach " + url + ": this temporary layer knows file:// only");
    }
    Path path = Path.of(url.substring("file://".length()));
    if (Files.isDirectory(path)) {
      path = path.resolve("temporary.db");
    }
    return new Session(path, interrupted);
  }

  public static void closeAll() {}
}
