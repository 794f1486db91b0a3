package dev.rivulet.ltx;

import dev.rivulet.ltx.LtxException.Kind;
import dev.rivulet.natives.Lz4;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Writes an LTX file: header, pages in ascending order, {@link #finish}.
 *
 * <p>It refuses what {@link LtxDecoder} would refuse, and a snapshot that is not complete, so that
 * what it wrote can be read. A refusal, or an exception of the stream, leaves an incomplete file,
 * which the caller must throw away. The stream is neither flushed nor closed; writes to it are a
 * frame each. Not thread-safe.
 */
public final class LtxWriter {
  /** Three varints of 64 bits. */
  private static final int MAX_INDEX_ENTRY = 30;

  private static final int INDEX_BUFFER = 8192;

  /**
   * What was written.
   *
   * @param trailer its trailer
   * @param size length of the file
   * @param index where its frames are
   */
  public record Result(LtxTrailer trailer, long size, FrameIndex index) {}

  private final OutputStream out;
  private final LtxHeader header;
  private final PageOrder order;
  private final FrameIndexBuilder frames;
  private final Crc64 crc = new Crc64();
  private final byte[] frame;
  private long databaseChecksum = PageChecksum.EMPTY_DATABASE;
  private boolean finished;

  /**
   * Writes the header.
   *
   * @throws LtxException {@code HEADER}: the rule that it breaks
   */
  public LtxWriter(OutputStream out, LtxHeader header) throws LtxException, IOException {
    header.check();
    if (header.commit() == 0 && header.noChecksum()) {
      throw new LtxException(
          Kind.HEADER, "a file that deletes the database needs checksums: its trailer has no form");
    }
    this.out = out;
    this.header = header;
    this.order = new PageOrder(header, Kind.FRAME);
    this.frames = new FrameIndexBuilder(header.pageSize());
    this.frame = new byte[Math.max(LtxHeader.SIZE, Frames.maxSize(header.pageSize()))];
    header.writeTo(frame, 0);
    crc.update(frame, 0, LtxHeader.SIZE);
    out.write(frame, 0, LtxHeader.SIZE);
  }

  /**
   * Writes a page.
   *
   * @param pgno higher than the one before, not the lock page, and in a snapshot the very next one
   * @param page its content, exactly one page; not kept
   * @throws LtxException {@code FRAME}: the rule that is broken
   */
  public void page(int pgno, byte[] page) throws LtxException, IOException {
    requireOpen();
    if (page.length != header.pageSize()) {
      throw new IllegalArgumentException(
          "a page of " + page.length + " bytes instead of " + header.pageSize());
    }
    order.next(Integer.toUnsignedLong(pgno));
    int start = Frames.BLOCK_HEADER_SIZE;
    int payload = Lz4.encode(page, 0, page.length, frame, start, Lz4.bound(page.length));
    BigEndian.putInt(frame, 0, pgno);
    BigEndian.putShort(frame, 4, Frames.FLAG_BLOCK);
    BigEndian.putInt(frame, Frames.HEADER_SIZE, payload);
    crc.update(frame, 0, start);
    crc.update(page, 0, page.length);
    if (sumsDatabase()) {
      databaseChecksum =
          PageChecksum.toggle(databaseChecksum, PageChecksum.of(pgno, page, 0, page.length));
    }
    out.write(frame, 0, start + payload);
    frames.add(pgno, start + payload);
  }

  /** Only then does this file tell the checksum of the whole database. */
  private boolean sumsDatabase() {
    return header.isSnapshot() && !header.noChecksum();
  }

  /**
   * Completes a file whose post-apply checksum is known from its content: a snapshot, one without
   * database checksums, or one that deletes the database.
   */
  public Result finish() throws LtxException, IOException {
    if (!header.noChecksum() && !header.isSnapshot() && header.commit() != 0) {
      throw new IllegalStateException(
          "only the caller knows the database checksum after a file that is not a snapshot");
    }
    return finish(header.noChecksum() ? 0 : databaseChecksum);
  }

  /**
   * Completes a file.
   *
   * @param postApplyChecksum the rolling database checksum after it; 0 if it has none
   * @throws LtxException {@code FRAME} if pages are missing, {@code TRAILER} or {@code CHECKSUM} if
   *     that checksum cannot be
   */
  public Result finish(long postApplyChecksum) throws LtxException, IOException {
    requireOpen();
    order.end();
    if (sumsDatabase() && postApplyChecksum != databaseChecksum) {
      throw new LtxException(
          Kind.CHECKSUM,
          "the database checksum is said to be %016x, but the pages have %016x"
              .formatted(postApplyChecksum, databaseChecksum));
    }
    finished = true;
    Arrays.fill(frame, 0, Frames.END_MARKER_SIZE, (byte) 0);
    hashAndWrite(frame, Frames.END_MARKER_SIZE);
    FrameIndex index = frames.build();
    long indexSize = writeIndex(index);

    byte[] tail = new byte[LtxTrailer.SIZE];
    BigEndian.putLong(tail, 0, postApplyChecksum);
    crc.update(tail, 0, Long.BYTES);
    LtxTrailer trailer = new LtxTrailer(postApplyChecksum, crc.checksum());
    trailer.check(header);
    trailer.writeTo(tail, 0);
    out.write(tail, 0, LtxTrailer.SIZE);
    return new Result(
        trailer, index.framesEnd() + Frames.END_MARKER_SIZE + indexSize + LtxTrailer.SIZE, index);
  }

  /** Writes the entries, their terminator and the length field; returns the bytes of all. */
  private long writeIndex(FrameIndex index) throws IOException {
    byte[] buffer = new byte[INDEX_BUFFER];
    int filled = 0;
    long length = 0;
    long offset = LtxHeader.SIZE;
    for (int rank = 0; rank < index.count(); rank++) {
      filled = putVarint(buffer, filled, index.pgno(rank));
      filled = putVarint(buffer, filled, offset);
      filled = putVarint(buffer, filled, index.size(rank));
      offset += index.size(rank);
      if (filled > INDEX_BUFFER - MAX_INDEX_ENTRY) {
        hashAndWrite(buffer, filled);
        length += filled;
        filled = 0;
      }
    }
    filled = putVarint(buffer, filled, 0);
    length += filled;
    BigEndian.putLong(buffer, filled, length);
    hashAndWrite(buffer, filled + Long.BYTES);
    return length + Long.BYTES;
  }

  private static int putVarint(byte[] to, int offset, long value) {
    int at = offset;
    long rest = value;
    while (rest > 0x7f) {
      to[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    to[at++] = (byte) rest;
    return at;
  }

  private void hashAndWrite(byte[] bytes, int length) throws IOException {
    crc.update(bytes, 0, length);
    out.write(bytes, 0, length);
  }

  private void requireOpen() {
    if (finished) {
      throw new IllegalStateException("the file is finished");
    }
  }
}
