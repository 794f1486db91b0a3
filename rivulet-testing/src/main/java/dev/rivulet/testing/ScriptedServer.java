package dev.rivulet.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An HTTP server that gives prepared answers one after the other, for what a real S3 server cannot
 * be made to say. Without an answer left it says 500.
 */
public final class ScriptedServer implements AutoCloseable {
  /**
   * What a client asked.
   *
   * @param target path and query as sent
   * @param headers by name, in any case
   */
  public record Request(String method, String target, Map<String, String> headers) {}

  /** One prepared answer. */
  public static final class Answer {
    private final int status;
    private final byte[] body;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private long told;

    private Answer(int status, byte[] body) {
      this.status = status;
      this.body = body;
      told = body.length;
    }

    public Answer header(String name, String value) {
      headers.put(name, value);
      return this;
    }

    /** Tells another length than the body has: the connection is then cut. */
    public Answer contentLength(long newTold) {
      told = newTold;
      return this;
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  public ScriptedServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  public String endpoint() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The next answer. */
  public Answer answer(int status, byte[] body) {
    Answer answer = new Answer(status, body);
    answers.add(answer);
    return answer;
  }

  public Answer answer(int status, String body) {
    return answer(status, body.getBytes(StandardCharsets.UTF_8));
  }

  /** An S3 error document with this code. */
  public Answer error(int status, String code) {
    return answer(
        status,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"
            + code
            + "</Code><Message>scripted</Message></Error>");
  }

  /** What was asked so far. */
  public List<Request> requests() {
    return requests;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.get(0)));
      requests.add(
          new Request(exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers));
      Answer answer = answers.poll();
      if (answer == null) {
        answer = new Answer(500, new byte[0]);
      }
      answer.headers.forEach(exchange.getResponseHeaders()::set);
      exchange.sendResponseHeaders(answer.status, answer.told == 0 ? -1 : answer.told);
      if (answer.told > 0) {
        OutputStream out = exchange.getResponseBody();
        out.write(answer.body, 0, (int) Math.min(answer.body.length, answer.told));
        out.flush();
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
