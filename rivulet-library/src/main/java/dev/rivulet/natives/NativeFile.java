package dev.rivulet.natives;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A local file of pages, read at any place by any number of threads at once.
 *
 * <p>It stands where {@code FileChannel} could: a read takes no lock that other readers take, goes
 * to an address without a buffer between, and does not close the file when the host interrupts a
 * thread. Thread-safe but for {@link #close}, which must come after every other call has returned.
 */
public final class NativeFile implements AutoCloseable {
  static {
    NativeLibrary.load();
  }

  private final int fd;

  private NativeFile(int fd) {
    this.fd = fd;
  }

  /**
   * Opens a file for reading and writing; makes it if it is not there, for its owner only.
   *
   * @param exclusive whether it must not be there
   */
  public static NativeFile open(Path path, boolean exclusive) throws IOException {
    return new NativeFile(check(open0(name(path), exclusive), "open"));
  }

  int fd() {
    return fd;
  }

  /** Takes the lock of this file, which ends with the process; false if somebody else has it. */
  public boolean tryLock() {
    return lock0(fd) == 0;
  }

  /**
   * Reads into memory.
   *
   * @param to an address of {@code length} bytes
   * @return the bytes read: fewer than {@code length} only at the end of the file
   */
  public int read(long at, long to, int length) throws IOException {
    if (length < 0 || at < 0) {
      throw new IndexOutOfBoundsException(length + " bytes at " + at);
    }
    return check(read0(fd, to, length, at), "read");
  }

  /** Writes all of a part of an array, beyond the end too. */
  public void write(byte[] from, int offset, int length, long at) throws IOException {
    Objects.checkFromIndexSize(offset, length, from.length);
    check(write0(fd, from, offset, length, at), "write");
  }

  /** Makes it exactly so long. */
  public void truncate(long bytes) throws IOException {
    check(truncate0(fd, bytes), "truncate");
  }

  /** Waits until the disk has what was written. */
  public void sync() throws IOException {
    check(sync0(fd), "sync");
  }

  /** In bytes. */
  public long size() throws IOException {
    long size = size0(fd);
    check((int) Math.min(0, size), "measure");
    return size;
  }

  /** How long it may become in bytes: what its disk has free, or the process's limit if less. */
  public long room() throws IOException {
    long room = room0(fd);
    check((int) Math.min(0, room), "find room for");
    return room;
  }

  /** Whether a path still leads to this file, and it was not removed or replaced there. */
  public boolean isAt(Path path) {
    return isAt0(fd, name(path)) == 1;
  }

  @Override
  public void close() {
    close0(fd);
  }

  private static byte[] name(Path path) {
    return (path + "\0").getBytes(StandardCharsets.UTF_8);
  }

  private static int check(int result, String what) throws IOException {
    if (result < 0) {
      throw new IOException("cannot " + what + " it: " + message0(-result));
    }
    return result;
  }

  private static native int open0(byte[] path, boolean exclusive);

  private static native int lock0(int fd);

  private static native int read0(int fd, long to, int length, long at);

  private static native int write0(int fd, byte[] from, int offset, int length, long at);

  private static native int truncate0(int fd, long bytes);

  private static native int sync0(int fd);

  private static native long size0(int fd);

  private static native long room0(int fd);

  private static native int isAt0(int fd, byte[] path);

  private static native void close0(int fd);

  private static native String message0(int code);
}
