package dev.rivulet.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Builds a row in SQLite's format (sqlite.org/fileformat2.html, 2.1) of a few columns. */
final class RecordBuilder {

  /** Under 128 with the byte before them, so that the header's length is one byte. */
  private final ByteBuffer types = ByteBuffer.allocate(64);

  private final ByteBuffer body = ByteBuffer.allocate(GeneratedDatabase.PAGE_SIZE);

  /** A NULL, which the row id stands for in an INTEGER PRIMARY KEY. */
  RecordBuilder nothing() {
    types.put((byte) 0);
    return this;
  }

  RecordBuilder number(byte value) {
    types.put((byte) 1);
    body.put(value);
    return this;
  }

  RecordBuilder text(String value) {
    return text(value.getBytes(StandardCharsets.US_ASCII));
  }

  RecordBuilder text(byte[] value) {
    types.put(varint(13 + 2L * value.length));
    body.put(value);
    return this;
  }

  /** The cell of a table's leaf that holds the record. */
  byte[] cell(long rowId) {
    int header = 1 + types.position();
    byte[] length = varint(header + (long) body.position());
    byte[] key = varint(rowId);
    return ByteBuffer.allocate(length.length + key.length + header + body.position())
        .put(length)
        .put(key)
        .put((byte) header)
        .put(types.flip())
        .put(body.flip())
        .array();
  }

  /** SQLite's varint: most significant group first. For values of up to 56 bits. */
  static byte[] varint(long value) {
    int length = 1;
    while (value >>> (7 * length) != 0) {
      length++;
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      int group = (int) (value >>> (7 * (length - 1 - i))) & 0x7f;
      bytes[i] = (byte) (i < length - 1 ? group | 0x80 : group);
    }
    return bytes;
  }
}
