package dev.rivulet.bench;

import dev.rivulet.testing.S3Signer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What the network alone takes for a whole object: ranged GETs on some connections at once, each
 * for its share, the bytes thrown away or written to a file. The yardstick of a scan, for no reader
 * can do without them.
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
    return seconds(object, size, (FileChannel) null);
  }

  /** The same into a file, which is replaced. */
  double seconds(URI object, long size, Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      return seconds(object, size, channel);
    }
  }

  private double seconds(URI object, long size, @Nullable FileChannel file) throws IOException {
    try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
      long start = System.nanoTime();
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        long first = size * i / connections;
        long end = size * (i + 1) / connections;
        parts.add(
            threads.submit(() -> {
              get(object, first, end, file);
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

  private void get(URI object, long first, long end, @Nullable FileChannel file)
      throws IOException {
    StringBuilder request = new StringBuilder("GET " + object.getRawPath() + " HTTP/1.1\r\n");
    request.append("Host: ").append(object.getAuthority()).append("\r\n");
    request.append("Range: bytes=").append(first).append('-').append(end - 1).append("\r\n");
    requests
        .sign("GET", object, Instant.now())
        .forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
    request.append("Connection: close\r\n\r\n");
    try (SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(object.getHost(), object.getPort()))) {
      channel.write(StandardCharsets.ISO_8859_1.encode(request.toString()));
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
      String head = head(channel, buffer);
      if (!head.startsWith("HTTP/1.1 206")) {
        throw new IOException("Not a range: " + head.lines().findFirst().orElse(""));
      }
      long at = first;
      // The connection ends with the response, so that its head needs no parsing.
      do {
        if (file == null) {
          at += buffer.remaining();
        }
        while (file != null && buffer.hasRemaining()) {
          at += file.write(buffer, at);
        }
        buffer.clear();
      } while (next(channel, buffer));
      if (at != end) {
        throw new IOException("Only " + (at - first) + " bytes of a range came");
      }
    }
  }

  /** False at the end. */
  private static boolean next(SocketChannel channel, ByteBuffer buffer) throws IOException {
    boolean more = channel.read(buffer) >= 0;
    buffer.flip();
    return more;
  }

  /** Reads the response's head and leaves what came with it of the body in the buffer. */
  private static String head(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
      String text = StandardCharsets.ISO_8859_1.decode(buffer.duplicate().flip()).toString();
      int end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        buffer.flip().position(end + 4);
        return text.substring(0, end);
      }
    }
    throw new IOException("A response without an end of its head");
  }
}
