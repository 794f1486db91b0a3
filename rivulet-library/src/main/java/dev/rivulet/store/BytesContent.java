package dev.rivulet.store;

import java.io.ByteArrayInputStream;
import java.io.InputStream;

/** Content that is in memory. */
final class BytesContent implements PutRequest.Content {
  private final byte[] bytes;

  BytesContent(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public InputStream open() {
    return new ByteArrayInputStream(bytes);
  }
}
