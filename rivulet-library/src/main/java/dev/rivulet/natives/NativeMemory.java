package dev.rivulet.natives;

import java.util.Objects;

/**
 * Memory outside the Java heap, by address: page cache slots and SQLite's own buffers.
 *
 * <p>Addresses are as dangerous as in C. Two places own them: the page cache (its slots) and the
 * SQLite boundary (buffers that SQLite lends for one call); nobody else passes one on. Methods are
 * thread-safe as far as the memory they are given is.
 */
public final class NativeMemory {
  static {
    NativeLibrary.load();
  }

  private NativeMemory() {}

  /**
   * Allocates {@code bytes} bytes, aligned to a cache line, with undefined content.
   *
   * @throws OutOfMemoryError if the system has no more
   */
  public static long allocate(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("bytes " + bytes);
    }
    long address = allocate0(bytes);
    if (address == 0) {
      throw new OutOfMemoryError("no native memory for " + bytes + " bytes");
    }
    return address;
  }

  /** Frees what {@link #allocate} returned. */
  public static void free(long address) {
    free0(address);
  }

  /** Copies {@code length} bytes between two addresses that do not overlap. */
  public static void copy(long from, long to, int length) {
    checkLength(length);
    copy0(from, to, length);
  }

  /** Writes {@code length} zero bytes. */
  public static void zero(long to, int length) {
    checkLength(length);
    fill0(to, length);
  }

  /** One byte, 0 to 255. */
  public static int readByte(long from) {
    return readByte0(from) & 0xff;
  }

  /** Writes one byte. */
  public static void writeByte(long to, int value) {
    writeByte0(to, (byte) value);
  }

  /** Copies from memory into an array. */
  public static void read(long from, byte[] to, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, to.length);
    read0(from, to, offset, length);
  }

  /** Copies from an array into memory. */
  public static void write(byte[] from, int offset, int length, long to) {
    Objects.checkFromIndexSize(offset, length, from.length);
    write0(from, offset, length, to);
  }

  private static void checkLength(int length) {
    if (length < 0) {
      throw new IndexOutOfBoundsException("length " + length);
    }
  }

  private static native long allocate0(long bytes);

  private static native void free0(long address);

  private static native void copy0(long from, long to, long length);

  private static native void fill0(long to, long length);

  private static native byte readByte0(long from);

  private static native void writeByte0(long to, byte value);

  private static native void read0(long from, byte[] to, int offset, int length);

  private static native void write0(byte[] from, int offset, int length, long to);
}
