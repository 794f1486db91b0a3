package dev.rivulet.db;

import dev.rivulet.store.ByteSink;

/** Fills an array from its first byte. */
final class Filler implements ByteSink {
  private final byte[] to;
  private int filled;

  Filler(byte[] to) {
    this.to = to;
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) {
    System.arraycopy(bytes, offset, to, filled, length);
    filled += length;
  }
}
