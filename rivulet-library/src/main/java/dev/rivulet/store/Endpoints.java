package dev.rivulet.store;

import java.util.Locale;

/** What an endpoint's name tells, by Litestream's rules. */
final class Endpoints {
  private Endpoints() {}

  /** {@code scheme://host[:port]} in lower case; a missing scheme is chosen by the host. */
  static String normalize(String endpoint) throws StoreException {
    String text = endpoint.toLowerCase(Locale.ROOT);
    int colon = text.indexOf("://");
    String scheme = colon < 0 ? "" : text.substring(0, colon);
    if (colon >= 0 && !scheme.equals("http") && !scheme.equals("https")) {
      throw UrlSyntax.bad("The S3 endpoint must begin with http:// or https://");
    }
    String rest = colon < 0 ? text : text.substring(colon + 3);
    while (rest.endsWith("/")) {
      rest = rest.substring(0, rest.length() - 1);
    }
    if (rest.indexOf('@') >= 0) {
      throw UrlSyntax.bad("The S3 endpoint takes no user name or password");
    }
    if (rest.isEmpty() || !onlyHostAndPort(rest)) {
      throw UrlSyntax.bad("The S3 endpoint must be a host, or host:port, without a path");
    }
    if (scheme.isEmpty()) {
      scheme = isLocal(rest) ? "http" : "https";
    }
    String port = scheme.equals("http") ? ":80" : ":443";
    if (rest.endsWith(port)) {
      rest = rest.substring(0, rest.length() - port.length());
    }
    return scheme + "://" + rest;
  }

  private static boolean onlyHostAndPort(String text) {
    int colon = text.endsWith("]") ? -1 : text.lastIndexOf(':');
    String host = colon < 0 ? text : text.substring(0, colon);
    if (colon >= 0) {
      try {
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port < 1 || port > 65535) {
          return false;
        }
      } catch (NumberFormatException e) {
        return false;
      }
    }
    boolean six = host.startsWith("[") && host.endsWith("]");
    String inner = six ? host.substring(1, host.length() - 1) : host;
    if (inner.isEmpty()) {
      return false;
    }
    for (int i = 0; i < inner.length(); i++) {
      char c = inner.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
      if (!plain && !(six && c == ':')) {
        return false;
      }
    }
    return true;
  }

  /** The host alone, in lower case. */
  static String host(String endpoint) {
    int from = endpoint.indexOf("://");
    String rest = from < 0 ? endpoint : endpoint.substring(from + 3);
    if (rest.startsWith("[")) {
      return rest.substring(0, rest.indexOf(']') + 1);
    }
    int colon = rest.lastIndexOf(':');
    return colon < 0 ? rest : rest.substring(0, colon);
  }

  /** Whether the host is this machine or in a private network. */
  static boolean isLocal(String endpoint) {
    String host = host(endpoint);
    if (host.equals("localhost")
        || host.equals("[::1]")
        || host.endsWith(".local")
        || host.endsWith(".localhost")) {
      return true;
    }
    int[] four = address(host);
    return four.length == 4
        && (four[0] == 127
            || four[0] == 10
            || (four[0] == 192 && four[1] == 168)
            || (four[0] == 172 && four[1] >= 16 && four[1] <= 31));
  }

  /** The four numbers of an IPv4 address; empty if it is none: 10.example.com is a name. */
  private static int[] address(String host) {
    String[] parts = host.split("\\.", -1);
    if (parts.length != 4) {
      return new int[0];
    }
    int[] four = new int[4];
    for (int i = 0; i < 4; i++) {
      try {
        four[i] = Integer.parseInt(parts[i]);
      } catch (NumberFormatException e) {
        return new int[0];
      }
    }
    return four;
  }

  /** Whether a text can be a region's name, which becomes part of host names; empty is one. */
  static boolean isRegion(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      if (!plain && !(c >= 'A' && c <= 'Z')) {
        return false;
      }
    }
    return text.length() <= 64;
  }

  /** Providers that know buckets only by the path. */
  static boolean wantsPathStyle(String endpoint) {
    String host = host(endpoint);
    return host.endsWith(".backblazeb2.com")
        || host.equals("s3.filebase.com")
        || host.endsWith(".supabase.co");
  }

  /** Tigris serves stale reads unless it is told not to, on every request. */
  static boolean isTigris(String endpoint) {
    String host = host(endpoint);
    return host.equals("fly.storage.tigris.dev") || host.equals("t3.storage.dev");
  }
}
