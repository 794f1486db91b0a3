package dev.rivulet.db;

import dev.rivulet.log.Log;
import dev.rivulet.store.Environment;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/** {@code LITESTREAM_LOG_LEVEL} and {@code LITESTREAM_LOG_FILE}, read at each open. */
public final class LogSettings {
  private LogSettings() {}

  /**
   * Sets the log of the process up, if either is set.
   *
   * @throws SettingsException what is wrong with one of them
   */
  public static void apply(Environment environment) throws SettingsException {
    String level = environment.get("LITESTREAM_LOG_LEVEL");
    String file = environment.get("LITESTREAM_LOG_FILE");
    if (level == null && file == null) {
      return; // a Java host may have configured the log itself
    }
    try {
      Log.configure(level(level == null ? "" : level), file == null ? "" : file);
    } catch (IOException e) {
      throw new SettingsException(
          "LITESTREAM_LOG_FILE: cannot append to '" + file + "' (" + e.getMessage() + ")");
    }
  }

  private static Log.Level level(String name) throws SettingsException {
    if (name.isEmpty()) {
      return Log.Level.WARN;
    }
    try {
      return Log.Level.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new SettingsException(
          "LITESTREAM_LOG_LEVEL is '"
              + name
              + "'; it can be one of "
              + Arrays.toString(Log.Level.values()));
    }
  }
}
