package dev.rivulet.ltx;

import java.io.IOException;

/** Takes the pages of a file in ascending order. */
@FunctionalInterface
public interface PageSink {
  /**
   * Takes one page. What it is worth is known only when {@link LtxDecoder#finish} has returned: the
   * file checksum comes last.
   *
   * @param page its bytes; the array is lent, and overwritten by the next page
   */
  void page(int pgno, byte[] page) throws IOException;
}
