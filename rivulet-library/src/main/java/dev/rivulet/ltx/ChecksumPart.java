package dev.rivulet.ltx;

import java.util.List;

/**
 * What one piece of a file adds to the {@linkplain LtxTrailer#fileChecksum file checksum}, so that
 * the pieces can be read in any order, and at once. Not thread-safe.
 */
public final class ChecksumPart {
  /**
   * What a piece adds, when all of it has come.
   *
   * @param crc of the bytes that count
   * @param length how many those are
   */
  public record Sum(long crc, long length) {}

  private final Crc64 crc = new Crc64();
  private long length;

  /** Takes bytes that count as they are: header, end marker, index, and the trailer but the sum. */
  public void bytes(byte[] bytes, int offset, int count) {
    crc.update(bytes, offset, count);
    length += count;
  }

  /**
   * Takes a frame, of which the page counts, and not what it is compressed to.
   *
   * @param frame holds a good frame from {@code offset} on
   * @param page what that decodes to, from {@code pageOffset} on
   */
  public void frame(byte[] frame, int offset, byte[] page, int pageOffset, int pageSize) {
    bytes(frame, offset, Frames.hashedSize(frame, offset));
    bytes(page, pageOffset, pageSize);
  }

  /** Of what has come. */
  public Sum sum() {
    return new Sum(crc.value(), length);
  }

  /** The file checksum of all parts in the order of the file. */
  public static long join(List<Sum> parts) {
    long joined = 0; // of no bytes
    for (Sum part : parts) {
      joined = Crc64.join(joined, part.crc(), part.length());
    }
    return joined | PageChecksum.FLAG;
  }
}
