package dev.rivulet.sqlite;

import dev.rivulet.db.Session;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The named values of an open replica: {@code PRAGMA litestream_NAME} and the functions {@code
 * litestream_NAME()}.
 *
 * <p>An answer is one byte that says what the rest is, then UTF-8 text: {@code v} a value, {@code
 * e} the message of an error, {@code i} that of an interrupt. These messages reach the user, so
 * they are not logged as well.
 */
final class Properties {
  private interface Reader {
    String read(Session session) throws IOException;
  }

  private interface Setter {
    String set(Session session, String value) throws IOException;
  }

  /**
   * @param setter returns the text of the one row that a setting pragma answers with; null if the
   *     property is read-only
   */
  private record Property(Reader reader, @Nullable Setter setter) {}

  /** By the names that a pragma may have. */
  private static final Map<String, Property> PRAGMAS =
      new TreeMap<>(
          Map.of(
              "litestream_hydration_progress", new Property(Session::hydrationProgress, null),
              "litestream_hydration_file", new Property(Session::hydrationFile, null),
              "litestream_txid", new Property(Session::txid, Session::setTxid),
              "litestream_time", new Property(Session::time, Session::setTime),
              "litestream_lag", new Property(s -> Long.toString(s.lagSeconds()), null),
              "litestream_status", new Property(Session::statusJson, null),
              "litestream_stats", new Property(Session::statsJson, null),
              "litestream_poll_interval",
                  new Property(Session::pollInterval, Session::setPollInterval),
              "litestream_max_staleness",
                  new Property(Session::maxStaleness, Session::setMaxStaleness)));

  /**
   * What only a function may ask for, as a pragma always begins with {@code litestream_}: SQLite
   * carries a pragma out while it prepares it, which is not when a caller wants to wait.
   */
  private static final Map<String, Property> FUNCTIONS =
      Map.of(
          "refresh", new Property(Session::refresh, null),
          "hydration_wait", new Property(Session::hydrationProgress, Session::awaitHydration),
          "history", new Property(s -> HistoryRows.of(s, null), HistoryRows::of));

  private Properties() {}

  static byte[] answer(Session session, byte[] name, byte @Nullable [] value) {
    String key = new String(name, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
    Property property = PRAGMAS.containsKey(key) ? PRAGMAS.get(key) : FUNCTIONS.get(key);
    if (property == null) {
      return text('e', key + " is unknown; there are " + String.join(", ", PRAGMAS.keySet()));
    }
    try {
      if (value == null) {
        return text('v', property.reader().read(session));
      }
      Setter setter = property.setter();
      if (setter == null) {
        return text('e', key + " is read-only");
      }
      return text('v', setter.set(session, new String(value, StandardCharsets.UTF_8)));
    } catch (InterruptedIOException e) {
      return text('i', Failure.reason(e));
    } catch (IOException e) {
      return text('e', Failure.reason(e));
    }
  }

  static byte[] text(char kind, String text) {
    // SQLite's strings end at a zero byte; none of ours has one, and a message must not be cut.
    return (kind + text.replace('\0', ' ')).getBytes(StandardCharsets.UTF_8);
  }
}
