package dev.rivulet.ltx;

import dev.rivulet.ltx.LtxException.Kind;
import java.util.Objects;

/**
 * Where in a file its page index is, as the last {@link LtxTrailer#TAIL_SIZE} bytes tell.
 *
 * @param indexStart file offset of the first index entry
 * @param indexLength bytes of the entries and their terminator; the 8 byte length field follows
 *     them
 */
public record LtxTail(long indexStart, long indexLength) {
  /**
   * A file without pages has the end marker directly after the header, and the index after that.
   */
  private static final long MIN_INDEX_START = LtxHeader.SIZE + Frames.END_MARKER_SIZE;

  /** The terminator alone. */
  private static final long MIN_INDEX_LENGTH = 1;

  /**
   * Reads the tail of a file.
   *
   * @param bytes holds the file's last {@link LtxTrailer#TAIL_SIZE} bytes from {@code offset} on
   * @param fileSize length of the whole file
   * @throws LtxException {@code TRUNCATED} if no file can be that short, {@code INDEX} if the
   *     length field points outside the file
   */
  public static LtxTail parse(byte[] bytes, int offset, long fileSize) throws LtxException {
    Objects.checkFromIndexSize(offset, LtxTrailer.TAIL_SIZE, bytes.length);
    long room = fileSize - LtxTrailer.TAIL_SIZE - MIN_INDEX_START;
    if (room < MIN_INDEX_LENGTH) {
      throw new LtxException(
          Kind.TRUNCATED, "a file of " + fileSize + " bytes is shorter than any LTX file");
    }
    long length = BigEndian.getLong(bytes, offset);
    if (length < MIN_INDEX_LENGTH || length > room) {
      throw new LtxException(
          Kind.INDEX,
          "a page index of %s bytes does not fit into a file of %d bytes"
              .formatted(Long.toUnsignedString(length), fileSize));
    }
    return new LtxTail(fileSize - LtxTrailer.TAIL_SIZE - length, length);
  }
}
