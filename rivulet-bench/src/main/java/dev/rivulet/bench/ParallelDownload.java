package dev.rivulet.bench;

import dev.rivulet.testing.S3Signer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the network alone takes for a whole object: ranged GETs on some connections at once, each
 * for its share, the bytes thrown away. The yardstick of a scan, for no reader can do without them.
 */
final class ParallelDownload {

  private static final int BUFFER = 256 * 1024;

  private final S3Signer requests;
  private final int connections;

  ParallelDownload(S3Signer requests, int connections) {
    this.requests = requests;
    this.connections = connections;
  }

  /**
   * Downloads an object.
   *
   * @return seconds from before the first connect to the last byte
   */
  double seconds(URI object, long size) throws IOException {
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      long start = System.nanoTime();
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        long first = size * i / connections;
        long end = size * (i + 1) / connections;
        parts.add(
            threads.submit(() -> {
              get(object, first, end);
              return null;
            }));
      }
      for (Future<?> part : parts) {
        part.get();
      }
      return (System.nanoTime() - start) / 1e9;
    } catch (ExecutionException e) {
      throw new IOException("A download of " + object.getPath() + " failed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }

  private void get(URI object, long first, long end) throws IOException {
    StringBuilder head = new StringBuilder("GET " + object.getRawPath() + " HTTP/1.1\r\n");
    head.append("Host: ").append(object.getAuthority()).append("\r\n");
    head.append("Range: bytes=").append(first).append('-').append(end - 1).append("\r\n");
    requests
        .sign("GET", object, Instant.now())
        .forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    head.append("Connection: close\r\n\r\n");
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(object.getHost(), object.getPort()))) {
      channel.write(StandardCharsets.ISO_8859_1.encode(head.toString()));
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      byte[] status = new byte[12];
      long received = 0;
      // The connection ends with the response, so that its head needs no parsing.
      for (int n = channel.read(buffer); n >= 0; n = channel.read(buffer.clear())) {
        if (received == 0 && n >= status.length) {
          buffer.get(0, status);
        }
        received += n;
      }
      if (received < end - first) {
        throw new IOException("Only " + received + " bytes of a range came");
      }
      if (!new String(status, StandardCharsets.ISO_8859_1).equals("HTTP/1.1 206")) {
        throw new IOException("Not a range: " + new String(status, StandardCharsets.ISO_8859_1));
      }
    }
  }
}
