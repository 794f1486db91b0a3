package dev.rivulet.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP proxy as companies have them, whom a client tells by CONNECT or by the request's whole
 * URL where it wants to go. All names lead to one server of this machine.
 */
public final class ForwardProxy implements AutoCloseable {
  private static final byte[] REFUSED =
      "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.ISO_8859_1);
  private static final byte[] OPEN =
      "HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

  private final ServerSocketChannel listener = ServerSocketChannel.open();
  private final int target;
  private final String authorization;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  /**
   * @param target the port of the real server
   * @param userInfo {@code user:password} that clients must have; empty for none
   */
  public ForwardProxy(int target, String userInfo) throws IOException {
    this.target = target;
    authorization =
        userInfo.isEmpty()
            ? ""
            : "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return listener.socket().getLocalPort();
  }

  /** The first line of the first request on each connection. */
  public List<String> asked() {
    return asked;
  }

  private void accept() {
    while (listener.isOpen()) {
      try {
        SocketChannel client = listener.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        SocketChannel server =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), target))) {
      ByteBuffer in = ByteBuffer.allocate(64 * 1024).flip();
      HttpHead head = HttpHead.read(client, in);
      if (head == null) {
        return;
      }
      String text = new String(head.bytes(), StandardCharsets.ISO_8859_1);
      asked.add(text.substring(0, text.indexOf("\r\n")));
      String shown = head.header("Proxy-Authorization");
      if (!authorization.isEmpty() && !authorization.equals(shown)) {
        client.write(ByteBuffer.wrap(REFUSED));
        return;
      }
      if (head.method().equals("CONNECT")) {
        client.write(ByteBuffer.wrap(OPEN));
      } else {
        // A server takes a whole URL for the path in it.
        server.write(ByteBuffer.wrap(head.bytes()));
      }
      server.write(in);
      Thread requests = Thread.ofVirtual().start(() -> copy(client.socket(), server.socket()));
      copy(server.socket(), client.socket());
      client.close();
      requests.join();
    } catch (IOException | InterruptedException e) {
      // Either side has gone: both close.
    } finally {
      open.remove(client);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      OutputStream out = to.getOutputStream();
      from.getInputStream().transferTo(out);
      to.shutdownOutput();
    } catch (IOException e) {
      // The other direction ends by it, too.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (SocketChannel client : open) {
      client.close();
    }
  }
}
