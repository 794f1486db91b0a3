package dev.rivulet.ltx;

/**
 * Checksums of pages, and the rolling checksum of a database that is made of them.
 *
 * <p>The rolling checksum is the XOR of the checksums of all pages, so it does not depend on their
 * order, and a change is {@code toggle(toggle(rolling, oldPage), newPage)}. The lock page never
 * counts.
 */
public final class PageChecksum {
  /** Bit 63 is set in every checksum that LTX stores, so that 0 can mean "none". */
  public static final long FLAG = 1L << 63;

  /** The rolling checksum of a database without pages. */
  public static final long EMPTY_DATABASE = FLAG;

  private PageChecksum() {}

  /** Whether a checksum field holds one. */
  public static boolean isValid(long checksum) {
    return (checksum & FLAG) != 0;
  }

  /** The checksum of one page: of its number and its content. */
  public static long of(int pgno, byte[] bytes, int offset, int length) {
    Crc64 crc = new Crc64();
    crc.updateInt(pgno);
    crc.update(bytes, offset, length);
    return crc.checksum();
  }

  /** Adds a page to a rolling checksum, or takes it out if it is in. */
  public static long toggle(long rolling, long page) {
    return FLAG | (rolling ^ page);
  }
}
