package dev.rivulet.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.rivulet.testing.Exchange.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DelayProxyTest {

  private static final byte[] BODY = new byte[1_000_003];

  static {
    new Random(7).nextBytes(BODY);
  }

  private final AtomicReference<byte[]> uploaded = new AtomicReference<>(new byte[0]);
  private final CountDownLatch gate = new CountDownLatch(1);
  private HttpServer server;
  private DelayProxy proxy;
  private HttpClient client;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
    proxy =
        DelayProxy.start(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()), Latency.NONE);
    client = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() throws IOException {
    gate.countDown();
    client.close();
    proxy.close();
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      uploaded.set(exchange.getRequestBody().readAllBytes());
      switch (exchange.getRequestURI().getPath()) {
        case "/bucket/chunked" -> exchange.sendResponseHeaders(200, 0);
        case "/bucket/none" -> {
          exchange.sendResponseHeaders(204, -1);
          return;
        }
        case "/bucket/held" -> {
          await();
          exchange.sendResponseHeaders(200, BODY.length);
        }
        default ->
            exchange.sendResponseHeaders(
                200, exchange.getRequestMethod().equals("HEAD") ? -1 : BODY.length);
      }
      if (!exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseBody().write(BODY);
      }
    }
  }

  private void await() {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void countsRequestsByKindAndTheBytesOfTheirBodies() throws Exception {
    assertThat(send("GET", "/bucket?list-type=2&prefix=a%2Fb%20c")).isEqualTo(BODY);
    assertThat(send("GET", "/bucket/some%20key")).isEqualTo(BODY);
    assertThat(send("GET", "/bucket/chunked")).isEqualTo(BODY);
    send("HEAD", "/bucket/key");
    send("PUT", "/bucket/none");
    send("DELETE", "/bucket/none");
    Traffic traffic = proxy.traffic();
    assertThat(traffic.exchanges())
        .extracting(Exchange::kind)
        .containsExactly(Kind.LIST, Kind.GET, Kind.GET, Kind.HEAD, Kind.PUT, Kind.DELETE);
    assertThat(traffic.exchanges())
        .extracting(Exchange::key)
        .startsWith("bucket/a/b c", "bucket/some key", "bucket/chunked");
    assertThat(traffic.bytes()).isEqualTo(3L * BODY.length);
    assertThat(traffic.inSequence()).isEqualTo(6);
  }

  @Test
  void carriesUploadsWithAndWithoutAContinue() throws Exception {
    for (boolean expect : List.of(true, false)) {
      proxy.reset();
      HttpRequest put =
          request("/bucket/none")
              .PUT(BodyPublishers.ofByteArray(BODY))
              .expectContinue(expect)
              .build();
      assertThat(client.send(put, BodyHandlers.discarding()).statusCode()).isEqualTo(204);
      assertThat(uploaded.get()).isEqualTo(BODY);
      assertThat(proxy.traffic().bytes()).isEqualTo(BODY.length);
    }
  }

  @Test
  void requestsAtOnceOverlapAndThoseAfterThemFollow() throws Exception {
    proxy.reset(Latency.steady(Duration.ofMillis(50), Long.MAX_VALUE));
    List<CompletableFuture<HttpResponse<byte[]>>> four =
        IntStream.range(0, 4)
            .mapToObj(
                i -> client.sendAsync(request("/bucket/" + i).build(), BodyHandlers.ofByteArray()))
            .toList();
    four.forEach(CompletableFuture::join);
    send("GET", "/bucket/last");
    assertThat(proxy.traffic().inSequence()).isEqualTo(2);
    assertThat(proxy.traffic().mostAtOnce()).isEqualTo(4);
  }

  @Test
  void theFirstByteIsNeverEarlierThanTheDelayNorTheLastThanTheBandwidthAllows() throws Exception {
    proxy.reset(Latency.steady(Duration.ofMillis(20), 10_000_000));
    send("GET", "/bucket/key");
    Exchange get = proxy.traffic().exchanges().getFirst();
    long first = get.firstByte().orElseThrow();
    assertThat(first - get.start()).isGreaterThanOrEqualTo(20_000_000);
    assertThat(get.end().orElseThrow() - first).isGreaterThanOrEqualTo(100_000_000);
  }

  @Test
  void aRequestUnderWayIsInTheTrafficAndStaysInItAfterAReset() {
    CompletableFuture<HttpResponse<byte[]>> held =
        client.sendAsync(request("/bucket/held").build(), BodyHandlers.ofByteArray());
    while (proxy.traffic().requests() == 0) {
      Thread.onSpinWait();
    }
    assertThat(proxy.traffic().exchanges().getFirst().end()).isEmpty();
    proxy.reset();
    gate.countDown();
    assertThat(held.join().body()).isEqualTo(BODY);
    assertThat(proxy.traffic().requests()).isZero();
  }

  @Test
  void aTailIsTheSameForTheSameSeed() {
    Latency tailed = Latency.FAR.withTail(11);
    List<Long> once = delays(tailed);
    assertThat(delays(tailed)).isEqualTo(once);
    assertThat(once).filteredOn(d -> d >= 200_000_000L).hasSizeBetween(10, 35);
    assertThat(once).filteredOn(d -> d < 200_000_000L).containsOnly(25_000_000L);
  }

  private static List<Long> delays(Latency latency) {
    Random draw = latency.draw();
    return IntStream.range(0, 1000).mapToObj(i -> latency.nextDelay(draw)).toList();
  }

  @Test
  void aServerThatIsGoneIsABadGateway() throws Exception {
    server.stop(0);
    HttpResponse<Void> response =
        client.send(request("/bucket/key").build(), BodyHandlers.discarding());
    assertThat(response.statusCode()).isEqualTo(502);
  }

  @Test
  void aHeadThatComesInPiecesIsOneRequest() throws Exception {
    URI at = proxy.endpoint();
    try (Socket socket = new Socket(at.getHost(), at.getPort())) {
      for (String piece : List.of("GET /bucket/none HT", "TP/1.1\r\nHost: x\r", "\n\r", "\n")) {
        socket.getOutputStream().write(piece.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        Thread.sleep(5);
      }
      byte[] start = socket.getInputStream().readNBytes(12);
      assertThat(new String(start, StandardCharsets.ISO_8859_1)).isEqualTo("HTTP/1.1 204");
    }
    assertThat(proxy.traffic().requests()).isOne();
  }

  private byte[] send(String method, String path) throws Exception {
    return client
        .send(
            request(path).method(method, BodyPublishers.noBody()).build(),
            BodyHandlers.ofByteArray())
        .body();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(proxy.endpoint().resolve(path))
        .version(HttpClient.Version.HTTP_1_1);
  }
}
