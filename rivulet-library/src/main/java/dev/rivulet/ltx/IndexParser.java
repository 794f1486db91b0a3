package dev.rivulet.ltx;

import dev.rivulet.ltx.LtxException.Kind;
import java.util.Objects;

/**
 * Parses a page index while it streams in, cut anywhere, and checks that it can be true: pages
 * within the database and ascending, frames that follow each other without a gap from the header to
 * the end marker, sizes that a frame can have.
 *
 * <p>Each entry is three unsigned varints: page number, file offset, size. A page number 0 ends
 * them, then the length of it all follows as 8 bytes. Not thread-safe; unusable after an exception.
 */
public final class IndexParser {
  private static final int MAX_VARINT = 10;

  /** 56 bits: more than any offset in a real file. */
  private static final int MAX_FAST_VARINT = 8;

  private static final int MAX_FAST_ENTRY = 3 * MAX_FAST_VARINT;

  private static final long UNKNOWN = -1;

  /** What the next byte belongs to. */
  private enum Field {
    PGNO,
    OFFSET,
    SIZE,
    LENGTH,
    NONE
  }

  private final PageOrder order;
  private final FrameIndexBuilder frames;
  private final int maxFrameSize;
  private final long indexStart;
  private final long indexLength;

  private Field field = Field.PGNO;
  private long value;
  private int shift;
  private long pgno;
  private long offset;

  /** Bytes taken by earlier calls. */
  private long taken;

  /** Bytes of the entries and their terminator; known once the terminator was read. */
  private long entriesLength;

  /** Position in the array of the current call. */
  private int cursor;

  /**
   * @param indexStart file offset of the first entry
   * @param indexLength bytes of entries and terminator, as {@link LtxTail} has it
   */
  public IndexParser(LtxHeader header, long indexStart, long indexLength) {
    this.order = new PageOrder(header, Kind.INDEX);
    this.frames = new FrameIndexBuilder(header.pageSize());
    this.maxFrameSize = Frames.maxSize(header.pageSize());
    this.indexStart = indexStart;
    this.indexLength = indexLength;
  }

  /** For a file that is read from its start: how long the index is shows when it ends. */
  static IndexParser ofUnknownLength(LtxHeader header, long indexStart) {
    return new IndexParser(header, indexStart, UNKNOWN);
  }

  /**
   * Takes the next bytes: of entries, terminator and length field.
   *
   * @throws LtxException {@code INDEX}: what is wrong with them
   */
  public void accept(byte[] bytes, int offset, int length) throws LtxException {
    if (parse(bytes, offset, length) < length) {
      throw invalid("bytes follow its end");
    }
  }

  /** Takes what belongs to the index, and returns how many bytes that was. */
  int parse(byte[] bytes, int from, int length) throws LtxException {
    Objects.checkFromIndexSize(from, length, bytes.length);
    int end = from + length;
    cursor = from;
    while (cursor < end && field != Field.NONE) {
      if (field == Field.PGNO && shift == 0) {
        wholeEntries(bytes, end);
      }
      if (cursor < end) {
        singleByte(bytes[cursor++], from);
      }
    }
    int used = cursor - from;
    taken += used;
    if (indexLength != UNKNOWN) {
      if (taken > indexLength + Long.BYTES
          || (taken > indexLength && (field != Field.NONE && field != Field.LENGTH))) {
        throw invalid("it does not end where its length says, after " + indexLength + " bytes");
      }
      frames.expect(estimate());
    }
    return used;
  }

  /** How many entries there will be if the rest is like the ones so far. */
  private long estimate() {
    return (long) ((double) frames.count() * indexLength / taken) + 1;
  }

  /**
   * Takes entries as long as no number in them can run over {@code end}, and none is strange; the
   * rest is for {@link #singleByte}. An index has millions of entries: this is the loop that
   * counts.
   */
  private void wholeEntries(byte[] bytes, int end) throws LtxException {
    int at = cursor;
    while (end - at >= MAX_FAST_ENTRY) {
      long page = varint(bytes, at);
      int next = at + length(page);
      long frameOffset = varint(bytes, next);
      next += length(frameOffset);
      long size = varint(bytes, next);
      if (page >>> 4 == 0 || frameOffset == 0 || size == 0) {
        break;
      }
      at = next + length(size);
      add(page >>> 4, frameOffset >>> 4, size >>> 4);
    }
    cursor = at;
  }

  /** A number of at most {@link #MAX_FAST_VARINT} bytes, times 16, plus its length; else 0. */
  private static long varint(byte[] bytes, int at) {
    long result = bytes[at] & 0x7f;
    if (bytes[at] >= 0) {
      return result << 4 | 1;
    }
    for (int n = 1; n < MAX_FAST_VARINT; n++) {
      byte b = bytes[at + n];
      result |= (long) (b & 0x7f) << (7 * n);
      if (b >= 0) {
        return result << 4 | (n + 1);
      }
    }
    return 0;
  }

  private static int length(long varint) {
    return (int) varint & 0xf;
  }

  private void singleByte(byte b, int from) throws LtxException {
    if (field == Field.LENGTH) {
      value = value << 8 | (b & 0xff);
      shift += 8;
      if (shift == Long.SIZE) {
        endLength();
      }
      return;
    }
    checkLastByte(shift, b);
    value |= (long) (b & 0x7f) << shift;
    shift += 7;
    if (b >= 0) {
      long complete = value;
      value = 0;
      shift = 0;
      endVarint(complete, from);
    }
  }

  /** A tenth byte has one bit of the 64 left, and no byte may follow it. */
  private void checkLastByte(int bits, byte b) throws LtxException {
    if (bits == 7 * (MAX_VARINT - 1) && (b & 0xff) > 1) {
      throw invalid("a number has more than 64 bits");
    }
  }

  private void endVarint(long complete, int from) throws LtxException {
    switch (field) {
      case PGNO -> {
        pgno = complete;
        field = Field.OFFSET;
        if (complete == 0) {
          endEntries(from);
        }
      }
      case OFFSET -> {
        offset = complete;
        field = Field.SIZE;
      }
      default -> {
        field = Field.PGNO;
        add(pgno, offset, complete);
      }
    }
  }

  private void add(long page, long frameOffset, long size) throws LtxException {
    order.next(page);
    if (frameOffset != frames.framesEnd()) {
      throw invalid(
          "the frame of page %d is said to be at offset %s, but the one before ends at %d"
              .formatted(page, Long.toUnsignedString(frameOffset), frames.framesEnd()));
    }
    if (size < Frames.MIN_SIZE || size > maxFrameSize) {
      throw invalid(
          "the frame of page %d cannot have %s bytes".formatted(page, Long.toUnsignedString(size)));
    }
    frames.add((int) page, (int) size);
  }

  private void endEntries(int from) throws LtxException {
    order.end();
    entriesLength = taken + (cursor - from);
    if (indexLength != UNKNOWN && entriesLength != indexLength) {
      throw invalid("it has %d bytes instead of %d".formatted(entriesLength, indexLength));
    }
    if (frames.framesEnd() + Frames.END_MARKER_SIZE != indexStart) {
      throw invalid(
          "its frames end at offset %d, but it begins at %d"
              .formatted(frames.framesEnd(), indexStart));
    }
    field = Field.LENGTH;
  }

  private void endLength() throws LtxException {
    if (value != entriesLength) {
      throw invalid(
          "its length field says %s bytes, but it has %d"
              .formatted(Long.toUnsignedString(value), entriesLength));
    }
    field = Field.NONE;
  }

  /** Whether all of the index has been read. */
  boolean isComplete() {
    return field == Field.NONE;
  }

  /**
   * The index, after all bytes were taken. To be called once.
   *
   * @throws LtxException {@code INDEX} if bytes are missing
   */
  public FrameIndex finish() throws LtxException {
    if (!isComplete()) {
      throw invalid("it ends early, after " + taken + " bytes");
    }
    return frames.build();
  }

  private static LtxException invalid(String what) {
    return new LtxException(Kind.INDEX, "the page index is invalid: " + what);
  }
}
