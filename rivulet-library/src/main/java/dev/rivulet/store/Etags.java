package dev.rivulet.store;

/** ETags as headers have them and as we keep them. */
final class Etags {
  private Etags() {}

  /** Without quotes, and without the weak mark that compressing proxies add. */
  static String plain(String header) {
    String text = header.strip();
    if (text.startsWith("W/")) {
      text = text.substring(2);
    }
    if (text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")) {
      text = text.substring(1, text.length() - 1);
    }
    return text;
  }

  static String quoted(String etag) {
    return '"' + etag + '"';
  }
}
