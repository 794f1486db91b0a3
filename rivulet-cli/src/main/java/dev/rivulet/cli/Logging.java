package dev.rivulet.cli;

import dev.rivulet.log.Log;
import dev.rivulet.store.Environment;
import java.io.IOException;
import java.util.Locale;

/** Sets the log up by {@code LITESTREAM_LOG_LEVEL} and {@code LITESTREAM_LOG_FILE}. */
final class Logging {
  private Logging() {}

  static void configure(Environment environment) throws IOException {
    String level = environment.get("LITESTREAM_LOG_LEVEL");
    String file = environment.get("LITESTREAM_LOG_FILE");
    Log.configure(
        level == null || level.isEmpty() ? Log.Level.WARN : level(level), file == null ? "" : file);
  }

  private static Log.Level level(String text) throws IOException {
    try {
      return Log.Level.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IOException("LITESTREAM_LOG_LEVEL must be DEBUG, INFO, WARN, ERROR or OFF", e);
    }
  }
}
