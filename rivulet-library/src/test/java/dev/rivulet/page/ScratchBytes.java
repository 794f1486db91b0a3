package dev.rivulet.page;

import dev.rivulet.store.ByteSink;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** A scratch file in memory, whose disk can be told to be full, or to lose what it has. */
final class ScratchBytes implements ScratchFile {
  private final long room;
  private byte[] bytes = new byte[16 << 20];
  private int length;
  private int writesLeft = Integer.MAX_VALUE;
  private long lost = Long.MAX_VALUE;
  private int delayMillis;

  ScratchBytes(long room) {
    this.room = room;
  }

  /** Each write takes so long. */
  synchronized void slowDown(int millis) {
    delayMillis = millis;
  }

  /** So many more writes succeed. */
  synchronized void fillUpAfter(int writes) {
    writesLeft = writes;
  }

  /** What lies from here on cannot be read. */
  synchronized void loseFrom(long at) {
    lost = at;
  }

  /** Other bytes stand where these were written. */
  synchronized void overwrite() {
    Arrays.fill(bytes, (byte) 0x5a);
  }

  synchronized int length() {
    return length;
  }

  @Override
  public long room() {
    return room;
  }

  @Override
  public synchronized void write(byte[] from, int offset, int count, long at) throws IOException {
    if (writesLeft-- <= 0) {
      throw new IOException("no space left on device");
    }
    if (delayMillis > 0) {
      LockSupport.parkNanos(delayMillis * 1_000_000L);
    }
    int end = (int) at + count;
    if (end > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(end, 2 * bytes.length));
    }
    System.arraycopy(from, offset, bytes, (int) at, count);
    length = Math.max(length, end);
  }

  @Override
  public void read(long at, long count, ByteSink sink) throws IOException {
    for (long done = 0; done < count; ) {
      byte[] chunk;
      synchronized (this) {
        int size = (int) Math.min(1000, count - done);
        int from = (int) (at + done);
        if (from + size > Math.min(length, lost)) {
          throw new IOException("input/output error");
        }
        chunk = Arrays.copyOfRange(bytes, from, from + size);
      }
      sink.accept(chunk, 0, chunk.length);
      done += chunk.length;
    }
  }

  @Override
  public synchronized void empty() {
    length = 0;
  }

  @Override
  public void close() {}
}
