package dev.rivulet.jdbc;

import dev.rivulet.natives.NativeLibrary;
import dev.rivulet.sqlite.Vfs;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.sqlite.SQLiteConfig;

/** Makes xerial's SQLite know the VFS: once per class loader that has both. */
final class Extension {
  private static boolean loaded;

  private Extension() {}

  static synchronized void load() throws SQLException {
    if (loaded) {
      return;
    }
    try {
      Vfs.initialize();
    } catch (LinkageError | RuntimeException e) {
      throw new SQLException("Rivulet's native library cannot be loaded: " + e.getMessage(), e);
    }
    SQLiteConfig config = new SQLiteConfig();
    // For this one throwaway connection; what it registers is there for all of the process.
    config.enableLoadExtension(true);
    try (Connection connection = config.createConnection("jdbc:sqlite::memory:");
        PreparedStatement load = connection.prepareStatement("SELECT load_extension(?, ?)")) {
      load.setString(1, NativeLibrary.path().toString());
      load.setString(2, "sqlite3_litestream_init");
      load.execute();
    }
    loaded = true;
  }
}
