package dev.rivulet.store;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The general syntax of a URL, read as Go's {@code net/url} and {@code path.Clean} read it, because
 * Litestream's URLs mean what those make of them.
 *
 * @param scheme in lower case
 * @param user whether a {@code user@} is there; its text is a secret and not kept
 * @param host with its port, as written
 * @param rawPath still percent-encoded
 * @param query parameters by name, decoded
 */
record UrlSyntax(
    String scheme, boolean user, String host, String rawPath, Map<String, String> query) {

  /** Splits a URL. Messages never quote it: it may hold a secret. */
  static UrlSyntax split(String url) throws StoreException {
    int colon = url.indexOf("://");
    if (colon <= 0) {
      throw bad(
          "A replica URL begins with its scheme, as s3://bucket/path or file:///folder does;"
              + " this one has none");
    }
    String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
    for (int i = 0; i < scheme.length(); i++) {
      char c = scheme.charAt(i);
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
        throw bad("A replica URL begins with a scheme of letters and digits; this one does not");
      }
    }
    for (int i = 0; i < url.length(); i++) {
      if (url.charAt(i) < ' ' || url.charAt(i) == 0x7f) {
        throw bad("The replica URL (" + scheme + "://…) has a control character in it");
      }
    }
    String rest = url.substring(colon + 3);
    int hash = rest.indexOf('#');
    if (hash >= 0) {
      throw bad(
          "The replica URL ("
              + scheme
              + "://…) has a '#'; "
              + (scheme.equals("file")
                  // Litestream does not undo escapes in these, so there is no way to write one.
                  ? "a folder with one in its name cannot be given: rename it, or make a symbolic"
                      + " link to it"
                  : "if it belongs to a name, write %23"));
    }
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    String hierarchy = question < 0 ? rest : rest.substring(0, question);
    int slash = hierarchy.indexOf('/');
    // An ARN has slashes of its own; its caller splits it.
    String authority = slash < 0 ? hierarchy : hierarchy.substring(0, slash);
    String path = slash < 0 ? "" : hierarchy.substring(slash);
    int at = authority.lastIndexOf('@');
    return new UrlSyntax(scheme, at >= 0, authority.substring(at + 1), path, parseQuery(query));
  }

  private static Map<String, String> parseQuery(String query) throws StoreException {
    Map<String, String> parameters = new LinkedHashMap<>();
    int from = 0;
    while (from < query.length()) {
      int to = query.indexOf('&', from);
      if (to < 0) {
        to = query.length();
      }
      if (to > from) {
        int equals = query.indexOf('=', from);
        int nameEnd = equals < 0 || equals > to ? to : equals;
        String name = decode(query.substring(from, nameEnd), true);
        String value = nameEnd == to ? "" : decode(query.substring(nameEnd + 1, to), true);
        if (parameters.put(name, value) != null) {
          throw bad("Parameter " + name + " of the replica URL is given twice");
        }
      }
      from = to + 1;
    }
    return parameters;
  }

  /** Undoes percent-encoding; in a query a plus is a space. */
  static String decode(String text, boolean plusIsSpace) throws StoreException {
    if (text.indexOf('%') < 0 && !(plusIsSpace && text.indexOf('+') >= 0)) {
      return text;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%') {
        int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
        int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          throw bad(
              "The replica URL has a '%' without two hexadecimal digits after it; for a plain"
                  + " percent sign write %25");
        }
        out.write((high << 4) | low);
        i += 2;
      } else {
        out.write(plusIsSpace && bytes[i] == '+' ? ' ' : bytes[i]);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(out.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw bad("The replica URL is not UTF-8 once its %-escapes are undone");
    }
  }

  /** Percent-encodes all but the characters that {@code keep} names and RFC 3986's unreserved. */
  static String encode(String text, String keep) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      if (unreserved(b) || (b > 0 && keep.indexOf(b) >= 0)) {
        out.append((char) b);
      } else {
        out.append('%').append(HEX.charAt(b >> 4 & 15)).append(HEX.charAt(b & 15));
      }
    }
    return out.toString();
  }

  private static final String HEX = "0123456789ABCDEF";

  private static boolean unreserved(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '.'
        || b == '_'
        || b == '~';
  }

  /** Go's {@code path.Clean}: no empty part, no dot, no dot-dot that can be resolved. */
  static String clean(String path) {
    boolean rooted = path.startsWith("/");
    StringBuilder out = new StringBuilder();
    int depth = 0;
    for (String part : path.split("/", -1)) {
      if (part.isEmpty() || part.equals(".")) {
        continue;
      }
      if (part.equals("..")) {
        if (depth > 0) {
          out.setLength(Math.max(out.lastIndexOf("/"), 0));
          depth--;
        } else if (!rooted) {
          out.append(out.isEmpty() ? ".." : "/..");
        }
        continue;
      }
      out.append(out.isEmpty() ? "" : "/").append(part);
      depth++;
    }
    String cleaned = out.toString();
    return rooted ? "/" + cleaned : cleaned.isEmpty() ? "." : cleaned;
  }

  static StoreException bad(String message) {
    return new StoreException(StoreException.Kind.OTHER, message + ".");
  }
}
