package dev.rivulet.store;

/**
 * ETags (RFC 9110, 8.8.3) as headers have them and as we keep them: a strong one without its
 * quotes, a weak one whole, {@code W/"…"}. A strong one cannot look like that, for it holds no
 * quote.
 */
final class Etags {
  private static final String WEAK = "W/\"";

  private Etags() {}

  /** A header's ETag, or a listing's, as we keep it; empty for none. */
  static String of(String header) {
    String text = header.strip();
    boolean weak = text.startsWith("W/");
    if (weak) {
      text = text.substring(2);
    }
    if (text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")) {
      text = text.substring(1, text.length() - 1);
    }
    return weak && !text.isEmpty() ? WEAK + text + '"' : text;
  }

  /** Whether it is of no use in a condition: {@code If-Match} compares strongly (13.1.1). */
  static boolean isWeak(String etag) {
    return etag.startsWith(WEAK);
  }

  /**
   * Whether both name the same version, whichever is weak (8.8.3.2): a server may list its objects
   * with strong ETags and serve them with weak ones, and proxies that could compress add the mark.
   */
  static boolean same(String a, String b) {
    return opaque(a).equals(opaque(b));
  }

  private static String opaque(String etag) {
    return isWeak(etag) ? etag.substring(WEAK.length(), etag.length() - 1) : etag;
  }

  /** A strong one as headers have it. */
  static String quoted(String etag) {
    return '"' + etag + '"';
  }
}
