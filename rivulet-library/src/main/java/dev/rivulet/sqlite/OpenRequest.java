package dev.rivulet.sqlite;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A file name and its URI parameters, as SQLite has parsed and decoded them.
 *
 * @param name as given to xOpen: a plain name or a replica URL
 * @param parameters in their order; the first of two with one name counts, as it does for SQLite
 */
record OpenRequest(String name, Map<String, String> parameters) {
  /** From the shim's bytes: name, then key and value in turn, a zero byte after each. */
  static OpenRequest parse(byte[] bytes) {
    // -1 keeps empty values; the piece after the last zero byte is no piece.
    String[] pieces = new String(bytes, StandardCharsets.UTF_8).split("\0", -1);
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 1; i + 1 < pieces.length; i += 2) {
      parameters.putIfAbsent(pieces[i], pieces[i + 1]);
    }
    return new OpenRequest(pieces[0], parameters);
  }

  /** A switch, read as {@code sqlite3_uri_boolean} does. */
  boolean flag(String key) {
    String value = parameters.get(key);
    if (value == null) {
      return false;
    }
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "yes", "true", "on", "extra", "full" -> true;
      default -> !value.isEmpty() && value.charAt(0) >= '1' && value.charAt(0) <= '9';
    };
  }

  /** What messages call it. */
  String displayName() {
    return ReplicaName.withoutSecrets(name);
  }
}
