package dev.rivulet.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TCP proxy in front of a server of this machine, which does damage on request. The fault holds
 * for connections that are made from then on, and for {@link Fault.Silent} also for those that are
 * there.
 */
public final class FaultProxy implements AutoCloseable {
  /** What is done to a connection. */
  public sealed interface Fault {
    /** Nothing. */
    record None() implements Fault {}

    /** Nobody listens. */
    record Refuse() implements Fault {}

    /** Accepts, reads, and never answers. */
    record Silent() implements Fault {}

    /** Closes with a reset after so many bytes of the answer. */
    record ResetAfter(long bytes) implements Fault {}

    /** Closes in good order after so many bytes of the answer. */
    record CutAfter(long bytes) implements Fault {}

    /** Sends so many bytes of the answer, and then nothing, without closing. */
    record StallAfter(long bytes) implements Fault {}

    /** Gives every request this answer, head and body, and closes; the server hears nothing. */
    record Answers(String response) implements Fault {}

    /** Sends each piece of the answer so much later. */
    record Delay(int millis) implements Fault {}
  }

  private final int target;
  private final int port;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private volatile Fault fault = new Fault.None();
  private volatile ServerSocket listener;
  private volatile boolean closed;

  /**
   * @param target the port of the real server; any number if no connection is ever to reach it
   */
  public FaultProxy(int target) throws IOException {
    this.target = target;
    listener = listen(0);
    port = listener.getLocalPort();
  }

  private ServerSocket listen(int where) throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), where), 512);
    Thread.ofVirtual().start(() -> accept(socket));
    return socket;
  }

  public int port() {
    return port;
  }

  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** Connections accepted so far. */
  public int accepted() {
    return accepted.get();
  }

  /** The most client connections that were open at once. */
  public int mostAtOnce() {
    return most.get();
  }

  /** Client connections that are open now, as far as the proxy has noticed. */
  public int openNow() {
    return open.size();
  }

  /**
   * Does this from now on; connections that are there are cut, so that the next request meets it.
   */
  public synchronized void setNow(Fault newFault) throws IOException {
    set(newFault);
    dropAll();
  }

  public synchronized void set(Fault newFault) throws IOException {
    boolean wasRefusing = fault instanceof Fault.Refuse;
    fault = newFault;
    if (newFault instanceof Fault.Refuse) {
      listener.close();
      awaitRefusal();
      dropAll();
    } else if (wasRefusing) {
      listener = listen(port);
    }
  }

  /** A socket listens on for as long as a thread that waits for it takes to notice its closing. */
  private void awaitRefusal() {
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void dropAll() {
    for (Socket socket : open) {
      closeQuietly(socket);
    }
  }

  private void accept(ServerSocket from) {
    while (!closed) {
      try {
        Socket client = from.accept();
        accepted.incrementAndGet();
        open.add(client);
        most.accumulateAndGet(open.size(), Math::max);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket()) {
      Fault mine = fault;
      if (mine instanceof Fault.Silent) {
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
        return;
      }
      if (mine instanceof Fault.Answers answers) {
        // One read takes the whole head of a small request, which is all that a read makes.
        if (client.getInputStream().read(new byte[64 * 1024]) > 0) {
          client.getOutputStream().write(answers.response().getBytes(StandardCharsets.ISO_8859_1));
        }
        return;
      }
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      Thread requests = Thread.ofVirtual().start(() -> forward(client, server));
      answer(server, client, mine);
      closeQuietly(server);
      requests.join();
    } catch (IOException | InterruptedException e) {
      // Either side has gone: both sockets close.
    } finally {
      open.remove(client);
    }
  }

  private static void forward(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      closeQuietly(to);
    }
  }

  private void answer(Socket server, Socket client, Fault mine)
      throws IOException, InterruptedException {
    InputStream in = server.getInputStream();
    OutputStream out = client.getOutputStream();
    byte[] buffer = new byte[16 * 1024];
    long left =
        switch (mine) {
          case Fault.ResetAfter f -> f.bytes();
          case Fault.CutAfter f -> f.bytes();
          case Fault.StallAfter f -> f.bytes();
          default -> Long.MAX_VALUE;
        };
    while (true) {
      int n = in.read(buffer, 0, (int) Math.min(buffer.length, Math.max(left, 1)));
      if (n < 0) {
        return;
      }
      if (fault instanceof Fault.Silent || (left == 0 && mine instanceof Fault.StallAfter)) {
        client.getInputStream().transferTo(OutputStream.nullOutputStream());
        return;
      }
      if (left == 0) {
        if (mine instanceof Fault.ResetAfter) {
          client.setSoLinger(true, 0);
        }
        closeQuietly(client);
        return;
      }
      if (mine instanceof Fault.Delay delay) {
        Thread.sleep(delay.millis());
      }
      out.write(buffer, 0, n);
      left -= n;
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It was to go anyway.
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    dropAll();
  }
}
