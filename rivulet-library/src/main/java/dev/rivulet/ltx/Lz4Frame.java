package dev.rivulet.ltx;

import dev.rivulet.natives.Lz4;
import org.jspecify.annotations.Nullable;

/**
 * Reads the LZ4 frame format, version 1.6.x, of one frame that must hold exactly one page:
 * independent and linked blocks, stored and compressed ones, all checksums verified where there are
 * any. Frames that need a dictionary are refused, for nobody could say which.
 *
 * <p>Memory: none but the target.
 */
final class Lz4Frame {
  static final int MAGIC = 0x184D2204;

  /** Magic, then the two descriptor bytes that say what else there is. */
  static final int FLAGS_OFFSET = 4;

  static final int DESCRIPTOR_END = 6;

  private static final int FLAG_VERSION_MASK = 0xC0;
  private static final int FLAG_VERSION = 0x40;
  private static final int FLAG_INDEPENDENT = 0x20;
  private static final int FLAG_BLOCK_CHECKSUM = 0x10;
  private static final int FLAG_CONTENT_SIZE = 0x08;
  private static final int FLAG_CONTENT_CHECKSUM = 0x04;
  private static final int FLAG_RESERVED = 0x02;
  private static final int FLAG_DICTIONARY = 0x01;

  /** Descriptor bits that must be zero, and the smallest code of a block size (4: 64 KiB). */
  private static final int BLOCK_SIZE_RESERVED = 0x8F;

  private static final int MIN_BLOCK_SIZE_CODE = 4;

  /** In a block's size field: the block is stored as it is. */
  private static final int STORED = 0x80000000;

  private final byte[] bytes;
  private final int end;
  private final byte[] to;
  private final int start;
  private final int limit;
  private int at;
  private int filled;

  private Lz4Frame(byte[] bytes, int offset, int length, byte[] to, int toOffset, int size) {
    this.bytes = bytes;
    this.at = offset;
    this.end = offset + length;
    this.to = to;
    this.start = toOffset;
    this.filled = toOffset;
    this.limit = toOffset + size;
  }

  /**
   * Decodes a frame of {@code length} bytes that must hold {@code size} bytes.
   *
   * @return what is wrong, or null if it did decode
   */
  static @Nullable String decode(
      byte[] bytes, int offset, int length, byte[] to, int toOffset, int size) {
    return new Lz4Frame(bytes, offset, length, to, toOffset, size).decode();
  }

  /** Bytes before the first block, as the descriptor's first byte says. */
  static int headerSize(int flags) {
    return DESCRIPTOR_END
        + ((flags & FLAG_CONTENT_SIZE) != 0 ? Long.BYTES : 0)
        + ((flags & FLAG_DICTIONARY) != 0 ? Integer.BYTES : 0)
        + 1;
  }

  /** Bytes of a block whose size field is {@code field}, without that field. */
  static long blockSize(int flags, int field) {
    return (long) (field & ~STORED) + ((flags & FLAG_BLOCK_CHECKSUM) != 0 ? Integer.BYTES : 0);
  }

  /** Bytes after the end mark. */
  static int footerSize(int flags) {
    return (flags & FLAG_CONTENT_CHECKSUM) != 0 ? Integer.BYTES : 0;
  }

  private @Nullable String decode() {
    if (end - at < DESCRIPTOR_END || LittleEndian.getInt(bytes, at) != MAGIC) {
      return "it is not an LZ4 frame";
    }
    int flags = bytes[at + FLAGS_OFFSET];
    String fault = header(flags);
    while (fault == null) {
      if (end - at < Integer.BYTES) {
        return "its LZ4 frame ends early";
      }
      int field = LittleEndian.getInt(bytes, at);
      at += Integer.BYTES;
      if (field == 0) {
        return footer(flags);
      }
      fault = block(flags, field);
    }
    return fault;
  }

  private @Nullable String header(int flags) {
    int blockSizes = bytes[at + 5];
    if ((flags & FLAG_VERSION_MASK) != FLAG_VERSION
        || (flags & FLAG_RESERVED) != 0
        || (blockSizes & BLOCK_SIZE_RESERVED) != 0
        || blockSizes >> 4 < MIN_BLOCK_SIZE_CODE) {
      return "its LZ4 frame has an unknown descriptor";
    }
    if ((flags & FLAG_DICTIONARY) != 0) {
      return "its LZ4 frame needs a dictionary";
    }
    int size = headerSize(flags);
    if (end - at < size) {
      return "its LZ4 frame ends early";
    }
    int descriptor = at + Integer.BYTES;
    int check = at + size - 1;
    if (bytes[check] != (byte) (Xxh32.hash(bytes, descriptor, check - descriptor) >>> 8)) {
      return "the header checksum of its LZ4 frame does not match";
    }
    if ((flags & FLAG_CONTENT_SIZE) != 0
        && LittleEndian.getLong(bytes, at + DESCRIPTOR_END) != limit - start) {
      return "its LZ4 frame is not one of " + (limit - start) + " bytes";
    }
    at += size;
    return null;
  }

  private @Nullable String block(int flags, int field) {
    int size = field & ~STORED;
    // Size 0 with the bit set: some read it as the end mark, some as an empty block. Nobody writes
    // it.
    if (size == 0 || blockSize(flags, field) > end - at) {
      return "a block of its LZ4 frame cannot have " + size + " bytes";
    }
    int produced;
    if ((field & STORED) != 0) {
      produced = size;
      if (size <= limit - filled) {
        System.arraycopy(bytes, at, to, filled, size);
      }
    } else {
      int history = (flags & FLAG_INDEPENDENT) != 0 ? 0 : filled - start;
      produced = Lz4.decodeLinked(bytes, at, size, to, filled, limit - filled, history);
    }
    if (produced < 0 || produced > limit - filled) {
      return "a block of its LZ4 frame is damaged, or longer than the page";
    }
    if ((flags & FLAG_BLOCK_CHECKSUM) != 0
        && Xxh32.hash(bytes, at, size) != LittleEndian.getInt(bytes, at + size)) {
      return "a block checksum of its LZ4 frame does not match";
    }
    filled += produced;
    at += (int) blockSize(flags, field);
    return null;
  }

  private @Nullable String footer(int flags) {
    if (end - at != footerSize(flags)) {
      return "its LZ4 frame does not end where the page's frame ends";
    }
    if (filled != limit) {
      return "it decodes to %d bytes instead of %d".formatted(filled - start, limit - start);
    }
    if ((flags & FLAG_CONTENT_CHECKSUM) != 0
        && Xxh32.hash(to, start, limit - start) != LittleEndian.getInt(bytes, at)) {
      return "the content checksum of its LZ4 frame does not match";
    }
    return null;
  }
}
