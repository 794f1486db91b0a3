package dev.rivulet.store;

import software.amazon.awssdk.crt.http.HttpClientConnectionManager;

/** Where a store's requests go at present, with its connections to there. */
final class S3Route {
  private final S3Endpoint endpoint;
  private final HttpClientConnectionManager connections;
  private volatile boolean met;

  S3Route(S3Endpoint endpoint, HttpClientConnectionManager connections) {
    this.endpoint = endpoint;
    this.connections = connections;
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
