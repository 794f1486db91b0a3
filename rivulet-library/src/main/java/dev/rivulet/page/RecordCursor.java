package dev.rivulet.page;

/**
 * Walks over one record of a B-tree cell (SQLite file format, section 2.1). Damage makes it {@link
 * #failed}, never throw; what it returned is then meaningless.
 */
final class RecordCursor {
  private final byte[] bytes;
  private int at;
  private boolean failed;

  /** Where the next serial type and the next value are, and where the types end. */
  private int body;

  private int headerEnd;

  RecordCursor(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  boolean failed() {
    return failed;
  }

  /** A varint: big-endian, seven bits a byte, the ninth byte whole. */
  long varint() {
    long value = 0;
    for (int i = 0; i < 9; i++) {
      if (at < 0 || at >= bytes.length) {
        failed = true;
        return 0;
      }
      byte b = bytes[at++];
      if (i == 8) {
        return value << 8 | b & 0xff;
      }
      value = value << 7 | b & 0x7f;
      if (b >= 0) {
        return value;
      }
    }
    return value;
  }

  /** Begins the record whose header lies here. */
  void record() {
    int start = at;
    long length = varint();
    if (length < 1 || length > bytes.length - start) {
      failed = true;
      length = 1;
    }
    headerEnd = start + (int) length;
    body = headerEnd;
  }

  /** Whether the record has a further column. */
  boolean hasColumn() {
    return !failed && at < headerEnd;
  }

  /** Passes over a column. */
  void skip() {
    body = after(body, varint());
  }

  /** The next column, an integer; anything else fails. */
  long integer() {
    long type = varint();
    if (type == 8 || type == 9) {
      return type - 8;
    }
    int end = after(body, type);
    if (failed || type < 1 || type > 6) {
      failed = true;
      return 0;
    }
    long value = bytes[body];
    for (int i = body + 1; i < end; i++) {
      value = value << 8 | bytes[i] & 0xff;
    }
    body = end;
    return value;
  }

  /**
   * The next column as one number: of an integer its value, of anything else what hardly another
   * value has too.
   */
  long digest() {
    long type = varint();
    int from = body;
    body = after(body, type);
    if (failed || type == 8 || type == 9) {
      return type - 8;
    }
    boolean integer = type >= 1 && type <= 6;
    long value = integer ? bytes[from] >> 7 : ~type;
    for (int i = from; i < body; i++) {
      value = integer ? value << 8 | bytes[i] & 0xff : value * 31 + bytes[i];
    }
    return value;
  }

  /** Passes over a column, unless it is the last one: that must be an integer, and is returned. */
  long lastOrSkip() {
    int before = at;
    long type = varint();
    if (at < headerEnd) {
      body = after(body, type);
      return 0;
    }
    at = before;
    return integer();
  }

  private int after(int from, long type) {
    long length =
        type >= 12
            ? (type - 12) / 2
            : switch ((int) type) {
              case 1, 2, 3, 4 -> type;
              case 5 -> 6;
              case 6, 7 -> 8;
              default -> 0;
            };
    if (length < 0 || length > bytes.length - from) {
      failed = true;
      return from;
    }
    return from + (int) length;
  }
}
