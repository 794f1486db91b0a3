package dev.rivulet.bench;

import dev.rivulet.testing.DelayProxy;
import dev.rivulet.testing.Latency;
import dev.rivulet.testing.S3Server;
import dev.rivulet.testing.S3Signer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * The S3 server (s3proxy, a process of its own that keeps its objects in a folder between runs) and
 * the {@link DelayProxy} in front of it.
 */
final class BenchServer implements AutoCloseable {

  private static final String BUCKET = "bench";

  private final S3Server s3;
  private final URI endpoint;
  private final DelayProxy proxy;
  private final S3Signer requests = new S3Signer(S3Server.ACCESS_KEY, S3Server.SECRET_KEY);
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private BenchServer(S3Server s3, DelayProxy proxy) {
    this.s3 = s3;
    this.endpoint = URI.create(s3.endpoint());
    this.proxy = proxy;
  }

  /**
   * Starts both.
   *
   * @param objects folder that keeps the server's objects
   */
  static BenchServer start(Path objects) throws IOException {
    S3Server s3 = S3Server.builder().folder(objects).start();
    s3.admin().createBucket(BUCKET);
    return new BenchServer(s3, DelayProxy.start(URI.create(s3.endpoint()), Latency.NONE));
  }

  DelayProxy proxy() {
    return proxy;
  }

  ParallelDownload download(int connections) {
    return new ParallelDownload(requests, connections);
  }

  /** The object, as seen through the proxy. */
  URI throughProxy(String key) {
    return proxy.endpoint().resolve("/" + BUCKET + "/" + key);
  }

  /** The object, as seen without the proxy. */
  URI direct(String key) {
    return endpoint.resolve("/" + BUCKET + "/" + key);
  }

  /** A replica's URL behind the proxy. */
  String replicaUrl(String path) {
    return replicaUrl(path, proxy.endpoint());
  }

  /** A replica's URL at the server itself, to upload to. */
  String uploadUrl(String path) {
    return replicaUrl(path, endpoint);
  }

  private static String replicaUrl(String path, URI at) {
    return "s3://%s/%s?endpoint=%s&forcePathStyle=true".formatted(BUCKET, path, at);
  }

  /** What a client of the server has in its environment. */
  Map<String, String> credentials() {
    return Map.of(
        "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY);
  }

  void put(String key, Path file) throws IOException {
    send("PUT", key, BodyPublishers.ofFile(file));
  }

  void put(String key, byte[] content) throws IOException {
    send("PUT", key, BodyPublishers.ofByteArray(content));
  }

  /** Removes an object; there need not be one. */
  void delete(String key) throws IOException {
    send("DELETE", key, BodyPublishers.noBody());
  }

  /** Size of an object in bytes. */
  long size(String key) throws IOException {
    return send("HEAD", key, BodyPublishers.noBody())
        .headers()
        .firstValueAsLong("Content-Length")
        .orElseThrow();
  }

  private HttpResponse<String> send(String method, String key, BodyPublisher body)
      throws IOException {
    URI target = direct(key);
    HttpRequest.Builder request = HttpRequest.newBuilder(target).method(method, body);
    requests.sign(method, target, Instant.now()).forEach(request::header);
    try {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      if (response.statusCode() / 100 != 2) {
        throw new IOException(
            "%s %s: status %d: %s"
                .formatted(method, target.getPath(), response.statusCode(), response.body()));
      }
      return response;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
    proxy.close();
    s3.close();
  }
}
