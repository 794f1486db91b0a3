package dev.rivulet.jdbc;

import dev.rivulet.sqlite.ReplicaName;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A URL {@code jdbc:rivulet:REPLICA[?name=value&...]}.
 *
 * @param replica the replica's URL ({@code s3://bucket/path}), as it was written
 * @param parameters those after the question mark, percent-encoded as they were written
 */
record RivuletUrl(String replica, Map<String, String> parameters) {
  static final String PREFIX = "jdbc:rivulet:";

  static boolean accepts(String url) {
    return url.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
  }

  /**
   * Splits a URL; which parameters there are and what they may be is judged at open.
   *
   * @throws SQLException if there is no replica, or a parameter has no value or is the driver's own
   */
  static RivuletUrl parse(String url) throws SQLException {
    String rest = url.substring(PREFIX.length());
    int query = rest.indexOf('?');
    String replica = query < 0 ? rest : rest.substring(0, query);
    if (!replica.contains("://")) {
      throw new SQLNonTransientConnectionException(
          "'"
              + ReplicaName.withoutSecrets(replica)
              + "' is not a replica's URL; write "
              + PREFIX
              + "s3://bucket/path, "
              + PREFIX
              + "file:///folder or another kind of replica");
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    if (query >= 0) {
      for (String pair : rest.substring(query + 1).split("&", -1)) {
        add(pair, parameters);
      }
    }
    return new RivuletUrl(replica, parameters);
  }

  private static void add(String pair, Map<String, String> parameters) throws SQLException {
    int equals = pair.indexOf('=');
    if (equals <= 0) {
      // The pair itself is not shown: it could be a piece of a secret with an '&' in it.
      throw new SQLNonTransientConnectionException(
          "a parameter of the jdbc:rivulet: URL is not name=value (write & in a value as %26)");
    }
    String name = pair.substring(0, equals);
    String value = pair.substring(equals + 1);
    if (name.equals("vfs") || (name.equals("mode") && !value.equals("ro"))) {
      throw new SQLNonTransientConnectionException(
          "leave '" + name + "' out of the jdbc:rivulet: URL: the driver sets it");
    }
    if (parameters.putIfAbsent(name, value) != null) {
      throw new SQLNonTransientConnectionException(
          "parameter '" + name + "' is given twice in the jdbc:rivulet: URL");
    }
  }

  /** The name under which SQLite opens it: a URI that says the VFS and carries the parameters. */
  String sqliteName() {
    StringBuilder name = new StringBuilder("file:");
    encode(replica, name);
    name.append("?vfs=litestream&mode=ro");
    parameters.forEach((key, value) -> {
      if (!key.equals("mode")) {
        name.append('&');
        encode(key, name);
        // A value is percent-encoded already; only what would end it is not left as it is.
        name.append('=').append(value.replace("#", "%23").replace("?", "%3F"));
      }
    });
    return name.toString();
  }

  /** What metadata and messages show. */
  String display() {
    return PREFIX + ReplicaName.withoutSecrets(replica);
  }

  /**
   * Percent-encodes all but letters, digits and what a path is made of. The underscore too: xerial
   * takes parameters that are named as pragmas (cache_size) for its own, and compares before it
   * decodes; SQLite decodes.
   */
  private static void encode(String text, StringBuilder to) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          (b >= 'a' && b <= 'z')
              || (b >= 'A' && b <= 'Z')
              || (b >= '0' && b <= '9')
              || b == '/'
              || b == ':'
              || b == '.'
              || b == '-';
      if (plain) {
        to.append((char) b);
      } else {
        to.append('%').append(Character.forDigit((b >> 4) & 15, 16));
        to.append(Character.forDigit(b & 15, 16));
      }
    }
  }
}
