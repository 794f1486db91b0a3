package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;
import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.crt.CRT;
import software.amazon.awssdk.crt.CrtRuntimeException;
import software.amazon.awssdk.crt.http.HttpException;

/** What aws-crt's error codes mean to a person. */
final class CrtErrors {
  private CrtErrors() {}

  private static final String CURE =
      "If it has a certificate of your own authority, name the authority's file in SSL_CERT_FILE"
          + " or AWS_CA_BUNDLE.";

  static StoreException connecting(S3Route route, @Nullable Throwable failure) {
    int code =
        failure instanceof HttpException h
            ? h.getErrorCode()
            : failure instanceof CrtRuntimeException c ? c.errorCode : 0;
    String name = code == 0 ? "" : CRT.awsErrorName(code);
    if (name.contains("_TLS_")) {
      return untrusted(route, failure);
    }
    String problem =
        switch (name) {
          case "AWS_IO_DNS_QUERY_FAILED",
              "AWS_IO_DNS_INVALID_NAME",
              "AWS_IO_DNS_NO_ADDRESS_FOR_HOST",
              "AWS_IO_DNS_HOST_REMOVED_FROM_CACHE" ->
              "its name is not known; check the bucket and the endpoint";
          case "AWS_IO_SOCKET_CONNECTION_REFUSED" ->
              "nothing listens there; check the endpoint and its port";
          case "AWS_IO_SOCKET_TIMEOUT" -> "it does not answer";
          case "AWS_IO_SOCKET_CLOSED" ->
              route.endpoint().tls() && !route.met()
                  ? "it closed the connection; perhaps it does not speak TLS (https)"
                  : "it closed the connection";
          case "AWS_IO_SOCKET_NO_ROUTE_TO_HOST", "AWS_IO_SOCKET_NETWORK_DOWN" ->
              "there is no network route to it";
          case "AWS_ERROR_HTTP_PROXY_CONNECT_FAILED" ->
              "the proxy refused; check its address, user and password";
          default -> code == 0 ? "it failed" : words(code);
        };
    return new StoreException(
        TEMPORARY, "No connection to " + route.shown() + ": " + problem + ".", failure);
  }

  /**
   * A connection that took too long. For a refused certificate aws-crt says so only after 12 to 29
   * s (its TLS library waits, to tell an attacker nothing), so the deadline says it: TCP has its
   * own shorter limit and error, and a server whose certificate was taken before is only slow.
   */
  static StoreException connectTimeout(S3Route route, int millis) {
    if (route.endpoint().tls() && !route.met()) {
      return new StoreException(
          OTHER,
          "No secure connection to "
              + route.shown()
              + " within "
              + millis
              + " ms: most likely its TLS certificate is not trusted. "
              + CURE);
    }
    return new StoreException(
        TEMPORARY, "No connection to " + route.shown() + " within " + millis + " ms.");
  }

  private static StoreException untrusted(S3Route route, @Nullable Throwable failure) {
    return new StoreException(
        OTHER,
        "No secure connection to "
            + route.shown()
            + ": its TLS certificate is not trusted, or it does not speak TLS. "
            + CURE,
        failure);
  }

  static StoreException underWay(S3Endpoint endpoint, String what, int code) {
    return new StoreException(
        TEMPORARY,
        "While "
            + what
            + ", the connection to "
            + endpoint.shown()
            + " was lost"
            + (code == 0 ? "." : " (" + words(code) + ")."));
  }

  /** What aws-crt says, without its full stop. */
  private static String words(int code) {
    String text = CRT.awsErrorString(code);
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }
}
