package dev.rivulet.testing;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One client's connection to {@link DelayProxy}, and the connection to the server behind it. */
final class ProxyConnection implements AutoCloseable {

  /**
   * Large enough that copying, not the number of calls, is what a byte costs; small enough that a
   * response at 85 MB/s comes in steps of 1.5 ms.
   */
  private static final int BUFFER = 128 * 1024;

  /** No server in use closes a connection sooner, so that younger ones need no look (30 s here). */
  private static final long RESTED = 5_000_000_000L;

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
  private static final byte[] UNREACHABLE =
      "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.ISO_8859_1);

  private final DelayProxy proxy;
  private final InetSocketAddress upstream;
  private final SocketChannel client;
  private final ByteBuffer fromClient = emptyBuffer();
  private final ByteBuffer fromServer = emptyBuffer();
  private volatile @Nullable SocketChannel server;
  private long lastUse;

  ProxyConnection(DelayProxy proxy, SocketChannel client, InetSocketAddress upstream) {
    this.proxy = proxy;
    this.client = client;
    this.upstream = upstream;
  }

  private static ByteBuffer emptyBuffer() {
    return ByteBuffer.allocateDirect(BUFFER).flip();
  }

  void run() {
    try (this) {
      boolean open = true;
      while (open) {
        HttpHead request = HttpHead.read(client, fromClient);
        open = request != null && exchange(request);
      }
    } catch (IOException e) {
      // Either peer went away: the other learns it by the close, as it would without a proxy.
    }
  }

  /**
   * @return whether the connection can carry another request
   */
  private boolean exchange(HttpHead request) throws IOException {
    TrafficLog.Entry entry =
        proxy
            .log()
            .begin(
                Exchange.kind(request.method(), request.query()),
                request.key(),
                request.header("Range"));
    sleepUntil(System.nanoTime() + proxy.nextDelay());
    SocketChannel to;
    HttpHead response;
    try {
      to = connect();
      send(request, to, entry);
      response = readResponse(to);
    } catch (IOException e) {
      writeFully(client, ByteBuffer.wrap(UNREACHABLE));
      throw e;
    }
    return answer(request, response, to, entry) && !request.headerHas("Connection", "close");
  }

  private SocketChannel connect() throws IOException {
    SocketChannel open = server;
    boolean rested = System.nanoTime() - lastUse > RESTED;
    lastUse = System.nanoTime();
    if (open != null && !(rested && closedByPeer(open))) {
      return open;
    }
    closeQuietly(open);
    open = SocketChannel.open(upstream);
    open.setOption(StandardSocketOptions.TCP_NODELAY, true);
    server = open;
    return open;
  }

  /** A server closes connections that it thinks idle; the client's, to us, lives on. */
  private static boolean closedByPeer(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    int n = channel.read(ByteBuffer.allocate(1));
    channel.configureBlocking(true);
    return n != 0;
  }

  private void send(HttpHead request, SocketChannel to, TrafficLog.Entry entry) throws IOException {
    // The server would answer an Expect with a response of its own; the proxy does so in its place.
    if (request.headerHas("Expect", "100-continue")) {
      writeFully(client, ByteBuffer.wrap(CONTINUE));
    }
    writeFully(to, ByteBuffer.wrap(request.without("Expect").bytes()));
    BodyFraming body = BodyFraming.ofRequest(request);
    while (!body.done()) {
      fill(fromClient, client);
      ByteBuffer part = take(fromClient, body.accept(fromClient));
      entry.sent(body.payload());
      writeFully(to, part);
    }
  }

  private HttpHead readResponse(SocketChannel from) throws IOException {
    HttpHead head;
    do {
      head = HttpHead.read(from, fromServer);
      if (head == null) {
        throw new ProtocolException("The server closed the connection");
      }
    } while (head.status() < 200);
    return head;
  }

  /** Hands head and body to the client, at no more than the latency's bandwidth. */
  private boolean answer(
      HttpHead request, HttpHead response, SocketChannel from, TrafficLog.Entry entry)
      throws IOException {
    BodyFraming body = BodyFraming.ofResponse(response, request.method());
    long rate = proxy.latency().bytesPerSecond();
    long first = System.nanoTime();
    entry.answered(response.status());
    ByteBuffer head = ByteBuffer.wrap(response.bytes());
    if (body.done()) {
      entry.ended();
      writeFully(client, head);
    }
    while (!body.done()) {
      if (!fill(fromServer, from) && body.endsWithConnection()) {
        entry.ended();
        writeFully(client, head);
        return false;
      }
      ByteBuffer part = take(fromServer, body.accept(fromServer));
      sleepUntil(first + (long) (body.payload() * (1e9 / rate)));
      entry.received(body.payload());
      if (body.done()) {
        entry.ended();
      }
      writeFully(client, head, part);
    }
    return !response.headerHas("Connection", "close");
  }

  /**
   * Reads more if nothing is left.
   *
   * @return false at the end of a connection whose end is the body's
   */
  private static boolean fill(ByteBuffer buffer, SocketChannel from) throws IOException {
    if (buffer.hasRemaining()) {
      return true;
    }
    buffer.clear();
    int n = from.read(buffer);
    buffer.flip();
    return n >= 0;
  }

  private static ByteBuffer take(ByteBuffer buffer, int length) throws ProtocolException {
    if (length == 0) {
      throw new ProtocolException("The connection was closed within a body");
    }
    ByteBuffer part = buffer.slice(buffer.position(), length);
    buffer.position(buffer.position() + length);
    return part;
  }

  private static void writeFully(SocketChannel to, ByteBuffer... parts) throws IOException {
    ByteBuffer last = parts[parts.length - 1];
    do {
      to.write(parts);
    } while (last.hasRemaining());
  }

  private static void sleepUntil(long nanoTime) {
    for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  @Override
  public void close() {
    closeQuietly(client);
    closeQuietly(server);
  }

  private static void closeQuietly(@Nullable SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // The peer sees the end of its connection either way.
    }
  }
}
