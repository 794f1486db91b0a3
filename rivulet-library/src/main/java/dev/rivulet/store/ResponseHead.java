package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.crt.http.HttpHeader;

/** The status and headers of an answer. */
final class ResponseHead {
  private final int status;
  private final Map<String, String> headers = new HashMap<>();

  ResponseHead(int status) {
    this.status = status;
  }

  int status() {
    return status;
  }

  void add(HttpHeader[] more) {
    for (HttpHeader header : more) {
      headers.putIfAbsent(header.getName().toLowerCase(Locale.ROOT), header.getValue());
    }
  }

  /** A header's value; empty if it is not there. */
  String get(String lowerCaseName) {
    return headers.getOrDefault(lowerCaseName, "").strip();
  }

  /** A header's value as a number; -1 if there is none. */
  long number(String lowerCaseName) {
    return number(get(lowerCaseName), -1);
  }

  /**
   * Refuses a body that nothing was done to make readable: aws-crt does not read one that only the
   * connection's end would end (RFC 9112, 6.3), and nobody has asked for a compressed one.
   */
  void checkBody(String what) throws StoreException {
    if (get("content-length").isEmpty() && get("transfer-encoding").isEmpty()) {
      throw new StoreException(
          OTHER,
          "While "
              + what
              + ", the answer did not tell its length, so it may have been cut: the store, or a proxy"
              + " before it, must send Content-Length or chunks (HTTP/1.1).");
    }
    if (get("content-encoding").endsWith("gzip")) {
      throw new StoreException(
          OTHER,
          "While "
              + what
              + ", the answer was compressed, although nobody has asked for that: something between"
              + " the store and here does it, and must not.");
    }
  }

  private static long number(String text, long otherwise) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  /**
   * What {@code Content-Range: bytes 0-9/100} says.
   *
   * @param first offset of the first byte
   * @param last offset of the last byte, inclusive
   * @param size of the whole object; -1 if not told
   */
  record ContentRange(long first, long last, long size) {
    /** No such header, or none that can be understood. */
    static final ContentRange NONE = new ContentRange(-1, -1, -1);
  }

  ContentRange contentRange() {
    String text = get("content-range");
    int dash = text.indexOf('-');
    int slash = text.indexOf('/');
    if (!text.startsWith("bytes ") || dash < 0 || slash < dash) {
      return ContentRange.NONE;
    }
    long first = number(text.substring(6, dash), -1);
    long last = number(text.substring(dash + 1, slash), -1);
    return first < 0 || last < first
        ? ContentRange.NONE
        : new ContentRange(first, last, number(text.substring(slash + 1), -1));
  }
}
