package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.crt.http.HttpProxyOptions;
import software.amazon.awssdk.crt.http.HttpProxyOptions.HttpProxyAuthorizationType;
import software.amazon.awssdk.crt.http.HttpProxyOptions.HttpProxyConnectionType;

/**
 * The proxy that the environment names for an endpoint: {@code HTTPS_PROXY} or {@code HTTP_PROXY},
 * unless {@code NO_PROXY} names the endpoint, each in capitals or small letters. The rules are
 * those of Go, and so Litestream's: this machine itself is never asked for through a proxy.
 *
 * @param userInfo {@code user:password}, a secret; empty for none
 */
record HttpProxy(String host, int port, String userInfo) {
  /** The proxy for an endpoint, or null. */
  static @Nullable HttpProxy of(S3Endpoint endpoint, Environment environment)
      throws StoreException {
    String name = endpoint.tls() ? "HTTPS_PROXY" : "HTTP_PROXY";
    // In a CGI program HTTP_PROXY is the request's header Proxy, which anybody may send.
    boolean cgi = !endpoint.tls() && environment.get("REQUEST_METHOD") != null;
    String value = either(environment, cgi ? "http_proxy" : name);
    if (value.isEmpty()
        || isThisMachine(endpoint.host())
        || excluded(endpoint, either(environment, "NO_PROXY"))) {
      return null;
    }
    return parse(name, value.contains("://") ? value : "http://" + value);
  }

  private static String either(Environment environment, String name) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      value = environment.get(name.toLowerCase(Locale.ROOT));
    }
    return value == null ? "" : value.strip();
  }

  private static HttpProxy parse(String name, String value) throws StoreException {
    URI uri;
    try {
      uri = new URI(value);
    } catch (URISyntaxException e) {
      uri = URI.create("");
    }
    if (!"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
      // Not quoted: it may hold a password.
      throw new StoreException(
          OTHER,
          name
              + " is no proxy that Rivulet can use: it should be http://host:port. For an endpoint"
              + " that needs no proxy, name its host in NO_PROXY.");
    }
    String user = uri.getUserInfo();
    return new HttpProxy(
        uri.getHost(), uri.getPort() < 0 ? 80 : uri.getPort(), user == null ? "" : user);
  }

  /** Whether a list of names, suffixes of names and addresses has the endpoint, or is {@code *}. */
  private static boolean excluded(S3Endpoint endpoint, String list) {
    String host = endpoint.host().toLowerCase(Locale.ROOT);
    for (String item : list.split(",", -1)) {
      String entry = item.strip().toLowerCase(Locale.ROOT);
      if (entry.equals("*")) {
        return true;
      }
      if (entry.indexOf('/') >= 0 && isWithin(host, entry)) {
        return true;
      }
      String port = ":" + endpoint.port();
      if (entry.endsWith(port)) {
        entry = entry.substring(0, entry.length() - port.length());
      }
      String suffix = entry.startsWith("*.") ? entry.substring(1) : entry;
      boolean whole = !suffix.startsWith(".");
      if (!entry.isEmpty()
          && (whole && host.equals(suffix) || host.endsWith(whole ? "." + suffix : suffix))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isThisMachine(String host) {
    byte[] address = address(host);
    return host.equals("localhost")
        || address != null && (address.length == 4 ? address[0] == 127 : isWithin(host, "::1/128"));
  }

  /** Whether an address is one of a range as 10.0.0.0/8; a name never is. */
  private static boolean isWithin(String host, String range) {
    int slash = range.indexOf('/');
    byte[] address = address(host);
    byte[] first = address(range.substring(0, slash));
    if (address == null || first == null || address.length != first.length) {
      return false;
    }
    int bits;
    try {
      bits = Integer.parseInt(range.substring(slash + 1));
    } catch (NumberFormatException e) {
      return false;
    }
    if (bits < 0 || bits > 8 * address.length) {
      return false;
    }
    BigInteger difference = new BigInteger(1, address).xor(new BigInteger(1, first));
    return difference.shiftRight(8 * address.length - bits).signum() == 0;
  }

  /** The bytes of an address as it is written; null for a name, which is not looked up. */
  private static byte @Nullable [] address(String host) {
    boolean name = host.isEmpty();
    for (int i = 0; i < host.length() && host.indexOf(':') < 0; i++) {
      name |= host.charAt(i) != '.' && (host.charAt(i) < '0' || host.charAt(i) > '9');
    }
    try {
      return name ? null : InetAddress.getByName(host).getAddress();
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** Plain requests are handed to it, encrypted ones go through a tunnel that it opens. */
  HttpProxyOptions options(boolean tls) {
    HttpProxyOptions options = new HttpProxyOptions();
    options.setHost(host);
    options.setPort(port);
    options.setConnectionType(
        tls ? HttpProxyConnectionType.Tunneling : HttpProxyConnectionType.Forwarding);
    if (!userInfo.isEmpty()) {
      int colon = userInfo.indexOf(':');
      options.setAuthorizationType(HttpProxyAuthorizationType.Basic);
      options.setAuthorizationUsername(colon < 0 ? userInfo : userInfo.substring(0, colon));
      options.setAuthorizationPassword(colon < 0 ? "" : userInfo.substring(colon + 1));
    }
    return options;
  }

  /** For messages; without the user. */
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
