package dev.rivulet.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A real S3 server, s3proxy, as a process of its own on a free port of this machine.
 *
 * <p>From a script: {@code java -cp rivulet-testing/target/classes dev.rivulet.testing.S3Server
 * --dir DIR --port N [--bucket NAME] [--anonymous]} prints one line, {@code ENDPOINT ACCESS_KEY
 * SECRET_KEY}, when it is ready, and serves until it is ended. Each folder in DIR is a bucket.
 */
public final class S3Server implements AutoCloseable {
  public static final String ACCESS_KEY = "rivulet-key";
  public static final String SECRET_KEY = "rivulet-secret-0123456789";

  /** A cold JVM on a busy 2-core machine: seconds. More means that it will never come. */
  private static final long START_SECONDS = 60;

  private final Process process;
  private final Path work;
  private final URI endpoint;
  private final boolean anonymous;
  private final @Nullable Path authority;
  private final Thread atExit = new Thread(this::end);

  private S3Server(
      Process process, Path work, URI endpoint, boolean anonymous, @Nullable Path authority) {
    this.process = process;
    this.work = work;
    this.endpoint = endpoint;
    this.anonymous = anonymous;
    this.authority = authority;
  }

  /** How to start a server. By default: in memory, signed requests, plain http, any free port. */
  public static final class Builder {
    private @Nullable Path folder;
    private int port;
    private boolean tls;
    private boolean anonymous;
    private String virtualHost = "";

    /** Objects are files below this folder, whose own folders are the buckets. */
    public Builder folder(Path newFolder) {
      folder = newFolder;
      return this;
    }

    public Builder port(int newPort) {
      port = newPort;
      return this;
    }

    /** By https, with a certificate of {@link S3Server#authority()}. */
    public Builder tls() {
      tls = true;
      return this;
    }

    /** Takes requests that are not signed. */
    public Builder anonymous() {
      anonymous = true;
      return this;
    }

    /** Takes BUCKET.HOST for the bucket, too. */
    public Builder virtualHost(String host) {
      virtualHost = host;
      return this;
    }

    public S3Server start() throws IOException {
      Path work = Files.createTempDirectory("rivulet-s3-");
      Path jars = jars();
      int where = port == 0 ? freePort() : port;
      String url = (tls ? "https" : "http") + "://127.0.0.1:" + where;
      TestCertificates certificates = tls ? TestCertificates.create(work) : null;
      StringBuilder settings = new StringBuilder();
      line(settings, tls ? "s3proxy.secure-endpoint" : "s3proxy.endpoint", url);
      line(settings, "s3proxy.authorization", anonymous ? "none" : "aws-v2-or-v4");
      if (!anonymous) {
        line(settings, "s3proxy.identity", ACCESS_KEY);
        line(settings, "s3proxy.credential", SECRET_KEY);
      }
      if (certificates != null) {
        line(settings, "s3proxy.keystore-path", certificates.keyStore().toString());
        line(settings, "s3proxy.keystore-password", TestCertificates.PASSWORD);
      }
      if (!virtualHost.isEmpty()) {
        line(settings, "s3proxy.virtual-host", virtualHost);
      }
      if (folder == null) {
        line(settings, "jclouds.provider", "transient-nio2");
      } else {
        Files.createDirectories(folder);
        line(settings, "jclouds.provider", "filesystem-nio2");
        line(settings, "jclouds.filesystem.basedir", folder.toAbsolutePath().toString());
      }
      line(settings, "jclouds.identity", "local");
      line(settings, "jclouds.credential", "local");
      Path file = Files.writeString(work.resolve("s3proxy.conf"), settings);
      Process process = launch(work, jars, file);
      S3Server server =
          new S3Server(
              process,
              work,
              URI.create(url),
              anonymous,
              certificates == null ? null : certificates.authority());
      Runtime.getRuntime().addShutdownHook(server.atExit);
      server.await(where);
      return server;
    }

    private static void line(StringBuilder out, String name, String value) {
      out.append(name).append('=').append(value).append('\n');
    }

    private static Process launch(Path work, Path jars, Path settings) throws IOException {
      // Its default is DEBUG on stdout.
      Path logging =
          Files.writeString(
              work.resolve("logback.xml"),
              "<configuration><appender name=\"F\" class=\"ch.qos.logback.core.FileAppender\"><file>"
                  + work.resolve("s3proxy.log")
                  + "</file><encoder><pattern>%d %level %logger %msg%n</pattern></encoder>"
                  + "</appender><root level=\"INFO\"><appender-ref ref=\"F\"/></root>"
                  + "</configuration>");
      return new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx1g",
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-Dlogback.configurationFile=" + logging,
              "-cp",
              jars + "/*",
              "org.gaul.s3proxy.Main",
              "--properties",
              settings.toString())
          .redirectErrorStream(true)
          .redirectOutput(work.resolve("output").toFile())
          .start();
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A server in memory that wants signed requests. */
  public static S3Server start() throws IOException {
    return builder().start();
  }

  /** Beside this module's classes, where the build puts them. */
  private static Path jars() throws IOException {
    try {
      Path own =
          Path.of(S3Server.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path jars = own.resolveSibling("s3proxy");
      if (!Files.isDirectory(jars)) {
        throw new IOException(jars + " is missing: build module rivulet-testing first");
      }
      return jars;
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void await(int port) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (process.isAlive() && System.nanoTime() < end) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        if (authority != null) {
          shakeHands(socket);
        }
        return;
      } catch (IOException e) {
        try {
          Thread.sleep(20);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          break;
        }
      }
    }
    String output = Files.readString(work.resolve("output"));
    close();
    throw new IOException("s3proxy did not start: " + output);
  }

  /**
   * A cold server's first handshake can take longer than the deadline for a connection. That this
   * process does not trust the certificate comes after the server's work.
   */
  private static void shakeHands(Socket socket) throws IOException {
    var factory = (SSLSocketFactory) SSLSocketFactory.getDefault();
    try (var secure = (SSLSocket) factory.createSocket(socket, "127.0.0.1", 0, true)) {
      secure.startHandshake();
    } catch (SSLException e) {
      // As expected.
    }
  }

  /** {@code http://127.0.0.1:PORT} or the same by https. */
  public String endpoint() {
    return endpoint.toString();
  }

  public int port() {
    return endpoint.getPort();
  }

  /** The file (PEM) of the authority that signed an https server's certificate. */
  public Path authority() {
    if (authority == null) {
      throw new IllegalStateException("the server speaks plain http");
    }
    return authority;
  }

  /** Makes buckets and objects; speaks to the server directly, and only by plain http. */
  public S3Admin admin() {
    return new S3Admin(endpoint, anonymous ? "" : ACCESS_KEY, SECRET_KEY);
  }

  /** A replica URL without parameters beside the endpoint. */
  public String url(String bucket, String path) {
    return "s3://" + bucket + "/" + path + "?endpoint=" + endpoint;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs by itself.
      return;
    }
    end();
  }

  private void end() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(work)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // Left for the system to clean up.
    }
  }

  public static void main(String[] args) throws Exception {
    Builder builder = builder();
    List<String> buckets = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--dir" -> builder.folder(Path.of(args[++i]));
        case "--port" -> builder.port(Integer.parseInt(args[++i]));
        case "--bucket" -> buckets.add(args[++i]);
        case "--anonymous" -> builder.anonymous();
        default -> {
          System.err.println(
              "usage: S3Server [--dir DIR] [--port N] [--bucket NAME]... [--anonymous]");
          System.exit(2);
        }
      }
    }
    try (S3Server server = builder.start()) {
      for (String bucket : buckets) {
        server.admin().createBucket(bucket);
      }
      System.out.println(server.endpoint() + " " + ACCESS_KEY + " " + SECRET_KEY);
      System.out.flush();
      System.exit(server.process.waitFor() == 0 ? 0 : 1);
    }
  }
}
