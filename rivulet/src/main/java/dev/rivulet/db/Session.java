package dev.rivulet.db;

import dev.rivulet.natives.NativeMemory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;

/** TEMPORARY: serves a local SQLite file. */
public final class Session implements AutoCloseable {
  private final FileChannel file;
  private final BooleanSupplier interrupted;
  private byte[] buffer = new byte[65536];

  Session(Path path, BooleanSupplier interrupted) throws IOException {
    this.file = FileChannel.open(path, StandardOpenOption.READ);
    this.interrupted = interrupted;
  }

  public void begin() throws IOException {}

  public void end() {}

  public long size() throws IOException {
    return file.size();
  }

  public int pageSize() {
    return 4096;
  }

  public boolean read(long address, int length, long offset) throws IOException {
    if (Boolean.getBoolean("rivulet.test.slow")) {
      while (!interrupted.getAsBoolean()) {
        Thread.onSpinWait();
      }
      throw new InterruptedIOException("interrupted");
    }
    if (Boolean.getBoolean("rivulet.test.oom") && offset > 0) {
      throw new OutOfMemoryError("asked for by the test");
    }
    if (length > buffer.length) {
      buffer = new byte[length];
    }
    java.util.Arrays.fill(buffer, 0, length, (byte) 0);
    ByteBuffer to = ByteBuffer.wrap(buffer, 0, length);
    while (to.hasRemaining() && file.read(to, offset + to.position()) > 0) {}
    for (int at : new int[] {18, 19}) {
      if (offset <= at && at < offset + length) {
        buffer[(int) (at - offset)] = 1;
      }
    }
    NativeMemory.write(buffer, 0, length, address);
    return !to.hasRemaining();
  }

  public String txid() {
    return "0000000000000001";
  }

  public String time() {
    return "2026-01-01T00:00:00Z";
  }

  public String statusJson() {
    return "{}";
  }

  public String statsJson() {
    return "{}";
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
