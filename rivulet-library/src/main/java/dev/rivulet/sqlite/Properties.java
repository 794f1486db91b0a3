package dev.rivulet.sqlite;

import dev.rivulet.db.Session;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The values of an open replica: {@code PRAGMA litestream_NAME} and the functions {@code
 * litestream_NAME()}.
 *
 * <p>An answer is one byte that says what the rest is, then UTF-8 text: {@code v} a value, {@code
 * e} the message of an error.
 */
final class Properties {
  private static final Map<String, Function<Session, String>> READ =
      new TreeMap<>(
          Map.of(
              "litestream_txid", Session::txid,
              "litestream_time", Session::time,
              "litestream_status", Session::statusJson,
              "litestream_stats", Session::statsJson));

  private Properties() {}

  static byte[] answer(Session session, byte[] name, byte @Nullable [] value) {
    String key = new String(name, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
    Function<Session, String> read = READ.get(key);
    if (read == null) {
      return text('e', key + " is unknown; there are " + String.join(", ", READ.keySet()));
    }
    if (value != null) {
      return text('e', key + " is read-only");
    }
    return text('v', read.apply(session));
  }

  static byte[] text(char kind, String text) {
    // SQLite's strings end at a zero byte; none of ours has one, and a message must not be cut.
    return (kind + text.replace('\0', ' ')).getBytes(StandardCharsets.UTF_8);
  }
}
