package dev.rivulet.hydrate;

import dev.rivulet.natives.LocalPages;
import java.util.zip.CRC32C;

/**
 * What is known of each page of the file: whether it is there, since which TXID it is right, and
 * its checksum. 12 bytes a page.
 *
 * <p>Written by one thread at a time; stamps are read by any.
 */
final class Stamps implements AutoCloseable {
  /** The page is in the file. */
  static final long PRESENT = 1L << 63;

  /** It was there at the start, and its checksum was not looked at yet. */
  static final long UNVERIFIED = 1L << 62;

  /**
   * The rest of a stamp: if the page is there, the TXID from which on it is right; if not, a TXID
   * that whatever comes must not be older than.
   */
  static final long TXID = UNVERIFIED - 1;

  private final LocalPages.Stamps stamps;
  private final int[] sums;

  /** Of a database of {@code pages} pages, of which none is there. */
  Stamps(int pages) {
    stamps = new LocalPages.Stamps(pages);
    sums = new int[pages + 1];
  }

  /** The last page that there is a stamp for. */
  int pages() {
    return sums.length - 1;
  }

  /** 0 of a page that there is no stamp for: it is not there. */
  long get(int pgno) {
    return stamps.get(pgno);
  }

  void set(int pgno, long stamp) {
    stamps.set(pgno, stamp);
  }

  int sum(int pgno) {
    return sums[pgno];
  }

  void setSum(int pgno, int sum) {
    sums[pgno] = sum;
  }

  /** Where C reads them. */
  LocalPages.Stamps inMemory() {
    return stamps;
  }

  /** Must come after the last reader is gone. */
  @Override
  public void close() {
    stamps.close();
  }

  /** The same with room for more pages; this one stays as it is. */
  Stamps grownTo(int pages) {
    Stamps larger = new Stamps(pages);
    for (int pgno = 1; pgno < sums.length; pgno++) {
      larger.set(pgno, get(pgno));
      larger.sums[pgno] = sums[pgno];
    }
    return larger;
  }

  static boolean isPresent(long stamp) {
    return stamp < 0;
  }

  /** Of a page that was there at the start and may not be what the sidecar says. */
  static boolean isUnverified(long stamp) {
    return (stamp & UNVERIFIED) != 0;
  }

  /** The checksum of a page: of its number too, so that no page passes for another. */
  static int checksum(int pgno, byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    for (int shift = 24; shift >= 0; shift -= 8) {
      crc.update(pgno >>> shift);
    }
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
