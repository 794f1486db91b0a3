package dev.rivulet.ltx;

import dev.rivulet.ltx.LtxException.Kind;
import java.util.Objects;

/**
 * The last 16 bytes of an LTX file.
 *
 * @param postApplyChecksum rolling database checksum after this file; 0 if the header says that
 *     there is none
 * @param fileChecksum checksum of the file with its pages uncompressed; bit 63 is set
 */
public record LtxTrailer(long postApplyChecksum, long fileChecksum) {
  /** Length in bytes. */
  public static final int SIZE = 16;

  /**
   * Length of the index length field and the trailer together: what must be read from the end of a
   * file to find its index.
   */
  public static final int TAIL_SIZE = Long.BYTES + SIZE;

  /**
   * Reads a trailer and checks it against the rules that depend on the header.
   *
   * @throws LtxException {@code TRAILER} with the rule that is broken
   */
  public static LtxTrailer parse(byte[] bytes, int offset, LtxHeader header) throws LtxException {
    Objects.checkFromIndexSize(offset, SIZE, bytes.length);
    LtxTrailer trailer =
        new LtxTrailer(BigEndian.getLong(bytes, offset), BigEndian.getLong(bytes, offset + 8));
    trailer.check(header);
    return trailer;
  }

  /**
   * Holds the trailer to the format's rules.
   *
   * @throws LtxException {@code TRAILER}: the first rule that is broken
   */
  public void check(LtxHeader header) throws LtxException {
    if (header.noChecksum()) {
      require(postApplyChecksum == 0, "a post-apply checksum despite the no-checksum flag");
    } else {
      require(PageChecksum.isValid(postApplyChecksum), "invalid post-apply checksum");
    }
    require(PageChecksum.isValid(fileChecksum), "invalid file checksum");
    if (header.commit() == 0) {
      require(
          postApplyChecksum == PageChecksum.EMPTY_DATABASE,
          "the database is deleted, but the post-apply checksum is not that of an empty one");
    }
  }

  /**
   * Compares what a file says that its checksum is with what it is.
   *
   * @throws LtxException {@code CHECKSUM}
   */
  public static void checkFile(long said, long content) throws LtxException {
    if (said != content) {
      throw new LtxException(
          Kind.CHECKSUM,
          "the file checksum is %016x, but the content has %016x".formatted(said, content));
    }
  }

  private static void require(boolean holds, String rule) throws LtxException {
    if (!holds) {
      throw new LtxException(Kind.TRAILER, "the trailer is invalid: " + rule);
    }
  }

  /** Writes the {@link #SIZE} bytes. */
  public void writeTo(byte[] to, int offset) {
    Objects.checkFromIndexSize(offset, SIZE, to.length);
    BigEndian.putLong(to, offset, postApplyChecksum);
    BigEndian.putLong(to, offset + 8, fileChecksum);
  }
}
