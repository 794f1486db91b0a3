package dev.rivulet.store;

import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.crt.http.HttpClientConnectionManager;

/** Where a store's requests go at present, with its connections to there. */
final class S3Route {
  private final S3Endpoint endpoint;
  private final @Nullable HttpProxy proxy;
  private final HttpClientConnectionManager connections;
  private volatile boolean met;

  S3Route(S3Endpoint endpoint, @Nullable HttpProxy proxy, HttpClientConnectionManager connections) {
    this.endpoint = endpoint;
    this.proxy = proxy;
    this.connections = connections;
  }

  /** The same server and its connections, for another endpoint there. */
  S3Route to(S3Endpoint other) {
    return new S3Route(other, proxy, connections);
  }

  /** For messages about connections. */
  String shown() {
    return endpoint.shown() + (proxy == null ? "" : " through the proxy " + proxy);
  }

  S3Endpoint endpoint() {
    return endpoint;
  }

  HttpClientConnectionManager connections() {
    return connections;
  }

  /** Notes that a connection was made: its certificate is trusted, then. */
  void meet() {
    met = true;
  }

  boolean met() {
    return met;
  }
}
