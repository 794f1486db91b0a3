package dev.rivulet.bench;

import dev.rivulet.testing.DelayProxy;
import dev.rivulet.testing.Latency;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/**
 * The S3 server (s3proxy, a process of its own that keeps its objects in a folder between runs) and
 * the {@link DelayProxy} in front of it.
 */
final class BenchServer implements AutoCloseable {

  private static final String BUCKET = "bench";
  private static final String KEY_ID = "bench";
  private static final String SECRET = "bench-secret";
  private static final int START_SECONDS = 60;

  private final Process process;
  private final URI endpoint;
  private final DelayProxy proxy;
  private final S3Requests requests = new S3Requests(KEY_ID, SECRET);
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private BenchServer(Process process, URI endpoint, DelayProxy proxy) {
    this.process = process;
    this.endpoint = endpoint;
    this.proxy = proxy;
  }

  /**
   * Starts both.
   *
   * @param jars folder with s3proxy and what it needs
   * @param folder for its objects, configuration and log
   */
  static BenchServer start(Path jars, Path folder) throws IOException {
    int port = freePort();
    Path objects = Files.createDirectories(folder.resolve("objects"));
    URI endpoint = URI.create("http://127.0.0.1:" + port);
    Path properties = folder.resolve("s3proxy.properties");
    Files.writeString(
        properties,
        """
        s3proxy.endpoint=%s
        s3proxy.authorization=aws-v2-or-v4
        s3proxy.identity=%s
        s3proxy.credential=%s
        s3proxy.v4-max-non-chunked-request-size=2147483647
        jclouds.provider=filesystem-nio2
        jclouds.filesystem.basedir=%s
        """
            .formatted(endpoint, KEY_ID, SECRET, objects.toAbsolutePath()));
    Path logging = folder.resolve("logback.xml");
    Files.writeString(
        logging,
        """
        <configuration>
          <appender name="file" class="ch.qos.logback.core.FileAppender">
            <file>%s</file><append>false</append>
            <encoder><pattern>%%d %%level %%logger %%msg%%n</pattern></encoder>
          </appender>
          <root level="WARN"><appender-ref ref="file"/></root>
        </configuration>
        """
            .formatted(folder.resolve("s3proxy.log").toAbsolutePath()));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-Dlogback.configurationFile=" + logging.toAbsolutePath(),
                "-cp",
                jars.toAbsolutePath() + "/*",
                "org.gaul.s3proxy.Main",
                "--properties",
                properties.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("s3proxy.out").toFile())
            .start();
    // The server must not outlive an interrupted benchmark.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
    awaitListening(process, port, folder);
    BenchServer server =
        new BenchServer(process, endpoint, DelayProxy.start(endpoint, Latency.NONE));
    server.send("PUT", "", BodyPublishers.noBody());
    return server;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(Process process, int port, Path folder) throws IOException {
    long deadline = System.nanoTime() + START_SECONDS * 1_000_000_000L;
    while (System.nanoTime() < deadline && process.isAlive()) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException e) {
        try {
          Thread.sleep(50);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw new IOException("Interrupted while the S3 server was starting", interrupted);
        }
      }
    }
    process.destroy();
    throw new IOException("The S3 server did not start; see " + folder + "/s3proxy.out");
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
    return Map.of("AWS_ACCESS_KEY_ID", KEY_ID, "AWS_SECRET_ACCESS_KEY", SECRET);
  }

  void put(String key, Path file) throws IOException {
    send("PUT", key, BodyPublishers.ofFile(file));
  }

  void put(String key, byte[] content) throws IOException {
    send("PUT", key, BodyPublishers.ofByteArray(content));
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
    URI target = key.isEmpty() ? endpoint.resolve("/" + BUCKET) : direct(key);
    HttpRequest.Builder request = HttpRequest.newBuilder(target).method(method, body);
    requests.sign(method, target, Instant.now()).forEach(request::header);
    try {
      HttpResponse<String> response = client.send(request.build(), BodyHandlers.ofString());
      boolean there = key.isEmpty() && response.statusCode() == 409;
      if (response.statusCode() / 100 != 2 && !there) {
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
    process.destroy();
  }
}
