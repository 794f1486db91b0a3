package dev.rivulet.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An HTTP/1.1 proxy in front of an S3 server, on a free port of the loopback interface: it delays
 * each request as a network would, limits each response's bandwidth, and counts.
 *
 * <p>The client is given {@link #endpoint()} as its S3 endpoint. Requests pass unchanged, with
 * their {@code Host}, so signatures stay valid. A connection is one thread with blocking sockets
 * and one upstream connection; a thread costs less CPU here than a selector would, and the CPU is
 * shared with what is measured.
 *
 * <p>Thread-safe. The exchanges of one client connection are recorded in order; a {@link #reset}
 * while requests are under way leaves these to the traffic before it.
 */
public final class DelayProxy implements AutoCloseable {

  private final InetSocketAddress upstream;
  private final ServerSocketChannel listener;
  private final Set<ProxyConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile TrafficLog log = new TrafficLog();
  private volatile Latency latency;
  private Random draw;

  private DelayProxy(InetSocketAddress upstream, Latency latency) throws IOException {
    this.upstream = upstream;
    this.latency = latency;
    this.draw = latency.draw();
    this.listener = ServerSocketChannel.open();
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
  }

  /**
   * Starts a proxy in front of the server at {@code endpoint}, which is {@code http://host:port}.
   */
  public static DelayProxy start(URI endpoint, Latency latency) throws IOException {
    DelayProxy proxy =
        new DelayProxy(new InetSocketAddress(endpoint.getHost(), endpoint.getPort()), latency);
    Thread.ofPlatform().daemon().name("delay-proxy").start(proxy::accept);
    return proxy;
  }

  /** Where clients connect to: {@code http://127.0.0.1:port}. */
  public URI endpoint() {
    try {
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      return URI.create("http://127.0.0.1:" + port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Forgets the traffic so far and begins the delays' draw anew. */
  public synchronized void reset() {
    draw = latency.draw();
    log = new TrafficLog();
  }

  /** {@link #reset} with another latency, from the next request on. */
  public synchronized void reset(Latency latency) {
    this.latency = latency;
    reset();
  }

  /** The requests since the last reset, those under way among them. */
  public Traffic traffic() {
    return log.traffic();
  }

  Latency latency() {
    return latency;
  }

  TrafficLog log() {
    return log;
  }

  synchronized long nextDelay() {
    return latency.nextDelay(draw);
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel client = listener.accept();
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        ProxyConnection connection = new ProxyConnection(this, client, upstream);
        connections.add(connection);
        Thread.ofPlatform()
            .daemon()
            .name("delay-proxy-connection")
            .start(() -> {
              connection.run();
              connections.remove(connection);
            });
      } catch (IOException e) {
        if (listener.isOpen()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  /** Stops listening and cuts every connection. */
  @Override
  public void close() throws IOException {
    listener.close();
    connections.forEach(ProxyConnection::close);
  }
}
