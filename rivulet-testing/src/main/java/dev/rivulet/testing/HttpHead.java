package dev.rivulet.testing;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The head of an HTTP/1.1 message: its first line and its header lines, as they came. */
final class HttpHead {

  /** Twice what the servers in use accept, so that theirs is the limit that is met. */
  private static final int LARGEST = 32 * 1024;

  private final String text;

  private HttpHead(String text) {
    this.text = text;
  }

  /**
   * Reads up to the blank line.
   *
   * @param in what was received and not yet used, ready to be read from; it is left there, behind
   *     the head
   * @return null if the peer closed the connection before the first byte
   */
  static @Nullable HttpHead read(SocketChannel from, ByteBuffer in) throws IOException {
    int scanned = in.position();
    while (true) {
      int end = endOfHead(in, scanned);
      if (end > 0) {
        byte[] head = new byte[end - in.position()];
        in.get(head);
        return new HttpHead(new String(head, StandardCharsets.ISO_8859_1));
      }
      if (in.remaining() > LARGEST) {
        throw new ProtocolException("A message head of more than " + LARGEST + " bytes");
      }
      scanned = Math.max(0, in.remaining() - 3);
      in.compact();
      int n = from.read(in);
      in.flip();
      if (n < 0) {
        if (!in.hasRemaining()) {
          return null;
        }
        throw new ProtocolException("The connection was closed within a message head");
      }
    }
  }

  private static int endOfHead(ByteBuffer in, int from) {
    for (int i = from; i + 3 < in.limit(); i++) {
      if (in.get(i) == '\r'
          && in.get(i + 1) == '\n'
          && in.get(i + 2) == '\r'
          && in.get(i + 3) == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String firstLine() {
    return text.substring(0, text.indexOf("\r\n"));
  }

  String method() {
    return text.substring(0, text.indexOf(' '));
  }

  int status() {
    String line = firstLine();
    return Integer.parseInt(line, 9, 12, 10);
  }

  private String target() {
    String line = firstLine();
    return line.substring(line.indexOf(' ') + 1, line.lastIndexOf(' '));
  }

  String query() {
    String target = target();
    int mark = target.indexOf('?');
    return mark < 0 ? "" : target.substring(mark + 1);
  }

  /** The path without its first slash, decoded; of a LIST, with the prefix. */
  String key() {
    String target = target();
    int mark = target.indexOf('?');
    String path = decoded(mark < 0 ? target : target.substring(0, mark)).replaceFirst("^/", "");
    for (String parameter : query().split("&", -1)) {
      if (parameter.startsWith("prefix=")) {
        String bucket = path.endsWith("/") ? path : path + "/";
        return bucket + decoded(parameter.substring("prefix=".length()));
      }
    }
    return path;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Nullable String header(String name) {
    int start = lineOf(name);
    if (start < 0) {
      return null;
    }
    int end = text.indexOf("\r\n", start);
    return text.substring(start + name.length() + 1, end).strip();
  }

  boolean headerHas(String name, String token) {
    String value = header(name);
    return value != null && value.toLowerCase(Locale.ROOT).contains(token);
  }

  HttpHead without(String name) {
    int start = lineOf(name);
    if (start < 0) {
      return this;
    }
    return new HttpHead(text.substring(0, start) + text.substring(text.indexOf("\r\n", start) + 2));
  }

  private int lineOf(String name) {
    for (int at = text.indexOf("\r\n"); at >= 0; at = text.indexOf("\r\n", at + 2)) {
      int line = at + 2;
      if (text.regionMatches(true, line, name, 0, name.length())
          && text.startsWith(":", line + name.length())) {
        return line;
      }
    }
    return -1;
  }
}
