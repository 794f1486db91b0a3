package dev.rivulet.db;

import dev.rivulet.store.ByteSink;

/** Collects the bytes of a range whose length is known. */
final class Filler implements ByteSink {
  private final byte[] bytes;
  private int filled;

  Filler(int length) {
    bytes = new byte[length];
  }

  /** The bytes; all of them are there once the request has ended well. Not copied. */
  byte[] bytes() {
    return bytes;
  }

  @Override
  public void accept(byte[] from, int offset, int length) {
    System.arraycopy(from, offset, bytes, filled, length);
    filled += length;
  }
}
