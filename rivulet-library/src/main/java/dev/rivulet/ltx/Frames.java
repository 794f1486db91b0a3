package dev.rivulet.ltx;

import dev.rivulet.ltx.LtxException.Kind;
import dev.rivulet.natives.Lz4;
import dev.rivulet.natives.NativeMemory;
import java.util.Objects;

/**
 * Decodes single page frames, given their bytes: a page number, flags, then either a length and an
 * LZ4 block, or (files that Litestream wrote before v0.5) one LZ4 frame.
 *
 * <p>A page comes out only if the frame is that of the wanted page, fills its bytes exactly, and
 * decodes to exactly one page. Stateless and thread-safe.
 */
public final class Frames {
  /** Page number and flags; six zero bytes in their place end the frames. */
  static final int HEADER_SIZE = 6;

  static final int END_MARKER_SIZE = HEADER_SIZE;

  /** Header and length field of the block encoding. */
  static final int BLOCK_HEADER_SIZE = HEADER_SIZE + Integer.BYTES;

  /** Flag: a length field follows, and the payload is an LZ4 block. */
  static final int FLAG_BLOCK = 1;

  /** No block is empty, and an LZ4 frame with anything in it is longer. */
  static final int MIN_SIZE = BLOCK_HEADER_SIZE + 1;

  /**
   * What an LZ4 frame can add to the worst block: its header (15 at most), end mark, content
   * checksum, and a size and a checksum for each block (one block, as every page fits into the
   * smallest maximum; the rest is for a writer that flushed in between).
   */
  private static final int LZ4_FRAME_OVERHEAD = 64;

  /** {@link #firstByte}: not to be told without decoding. */
  public static final int UNKNOWN = -1;

  /** The part of an LZ4 token that is the length of the literals, when bytes add to it. */
  private static final int LONG_LITERALS = 15;

  private Frames() {}

  /**
   * The first byte of a page, read from its frame without decoding it: an LZ4 block begins with
   * bytes as they are. Of a damaged frame it can be anything, so it is good for guesses only.
   *
   * @return 0 to 255, or {@link #UNKNOWN}
   */
  public static int firstByte(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length < MIN_SIZE || BigEndian.getShort(bytes, offset + 4) != FLAG_BLOCK) {
      return UNKNOWN;
    }
    int at = offset + BLOCK_HEADER_SIZE;
    int literals = bytes[at++] >> 4 & LONG_LITERALS;
    boolean more = literals == LONG_LITERALS;
    while (more && at < offset + length) {
      more = bytes[at++] == (byte) 0xff;
    }
    return literals == 0 || at >= offset + length ? UNKNOWN : bytes[at] & 0xff;
  }

  /**
   * Looks whether a frame begins where an index says, without decoding it.
   *
   * @throws LtxException {@code FRAME}: why this is not a frame of that page
   */
  public static void check(byte[] bytes, int offset, int length, int pgno, int pageSize)
      throws LtxException {
    var unused = isBlock(bytes, offset, length, pgno, pageSize);
  }

  /** The most bytes a frame can have, whatever its encoding. */
  static int maxSize(int pageSize) {
    return HEADER_SIZE + Lz4.bound(pageSize) + LZ4_FRAME_OVERHEAD;
  }

  /**
   * Decodes a frame into memory. Allocates nothing, unless the frame has the old encoding.
   *
   * @param offset where the frame begins in {@code bytes}
   * @param length the frame's size as the page index has it
   * @param pgno the page that it must be
   * @param toAddress where {@code pageSize} bytes can be written; undefined after an exception
   * @throws LtxException {@code FRAME}: why this is not a frame of that page
   */
  public static void decode(
      byte[] bytes, int offset, int length, int pgno, int pageSize, long toAddress)
      throws LtxException {
    if (isBlock(bytes, offset, length, pgno, pageSize)) {
      int start = offset + BLOCK_HEADER_SIZE;
      checkDecoded(
          Lz4.decode(bytes, start, length - BLOCK_HEADER_SIZE, toAddress, pageSize),
          pgno,
          pageSize);
    } else {
      byte[] page = new byte[pageSize];
      decodeLz4Frame(bytes, offset, length, pgno, page, 0, pageSize);
      NativeMemory.write(page, 0, pageSize, toAddress);
    }
  }

  /** Decodes a frame into {@code pageSize} bytes of an array; else as the other one. */
  public static void decode(
      byte[] bytes, int offset, int length, int pgno, int pageSize, byte[] to, int toOffset)
      throws LtxException {
    Objects.checkFromIndexSize(toOffset, pageSize, to.length);
    if (isBlock(bytes, offset, length, pgno, pageSize)) {
      int start = offset + BLOCK_HEADER_SIZE;
      checkDecoded(
          Lz4.decode(bytes, start, length - BLOCK_HEADER_SIZE, to, toOffset, pageSize),
          pgno,
          pageSize);
    } else {
      decodeLz4Frame(bytes, offset, length, pgno, to, toOffset, pageSize);
    }
  }

  /** Checks all that stands before the payload; whether that is a block. */
  private static boolean isBlock(byte[] bytes, int offset, int length, int pgno, int pageSize)
      throws LtxException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length < MIN_SIZE) {
      throw invalid(pgno, "it has only " + length + " bytes");
    }
    int found = BigEndian.getInt(bytes, offset);
    if (found != pgno) {
      throw invalid(pgno, "it is one of page " + Integer.toUnsignedString(found));
    }
    if (!hasBlock(pgno, BigEndian.getShort(bytes, offset + 4))) {
      return false;
    }
    int payload = BigEndian.getInt(bytes, offset + HEADER_SIZE);
    checkPayload(pgno, payload, pageSize);
    if (payload != length - BLOCK_HEADER_SIZE) {
      throw invalid(pgno, "it has %d bytes, but its block has %d".formatted(length, payload));
    }
    return true;
  }

  /** How much of a good frame the file checksum counts: what stands before the payload. */
  static int hashedSize(byte[] bytes, int offset) {
    return BigEndian.getShort(bytes, offset + 4) == FLAG_BLOCK ? BLOCK_HEADER_SIZE : HEADER_SIZE;
  }

  /** Whether the flags say that a block follows; the alternative is an LZ4 frame. */
  static boolean hasBlock(int pgno, int flags) throws LtxException {
    if ((flags & ~FLAG_BLOCK) != 0) {
      throw invalid(pgno, "it has unknown flags 0x%04x".formatted(flags));
    }
    return flags == FLAG_BLOCK;
  }

  /** Whether a block can have that many bytes: what the length field says, as it is. */
  static void checkPayload(int pgno, int payload, int pageSize) throws LtxException {
    if (payload <= 0 || payload > Lz4.bound(pageSize)) {
      throw invalid(
          pgno,
          "a block of %s bytes cannot be one of %d"
              .formatted(Integer.toUnsignedString(payload), pageSize));
    }
  }

  private static void checkDecoded(int decoded, int pgno, int pageSize) throws LtxException {
    if (decoded < 0) {
      throw invalid(pgno, "its block is damaged, or longer than " + pageSize + " bytes");
    }
    if (decoded != pageSize) {
      throw invalid(pgno, "it decodes to %d bytes instead of %d".formatted(decoded, pageSize));
    }
  }

  private static void decodeLz4Frame(
      byte[] bytes, int offset, int length, int pgno, byte[] to, int toOffset, int pageSize)
      throws LtxException {
    String fault =
        Lz4Frame.decode(bytes, offset + HEADER_SIZE, length - HEADER_SIZE, to, toOffset, pageSize);
    if (fault != null) {
      throw invalid(pgno, fault);
    }
  }

  static LtxException invalid(int pgno, String what) {
    return new LtxException(
        Kind.FRAME,
        "the frame of page %s is invalid: %s".formatted(Integer.toUnsignedString(pgno), what));
  }
}
