package dev.rivulet.page;

/**
 * Finds out whether a reader goes through the file in the order of its pages, whatever trees they
 * belong to. A backup does so page after page. Who reads long rows one after the other nearly does:
 * the pages on which a row overflows lie together, before its leaf or behind it, and no tree leads
 * to them.
 */
final class FileOrder {
  /** Page after page so often is no accident, unless they follow each other in their tree too. */
  private static final int RUN = 4;

  /** Pages that one step to and fro passes at most: a row of 60 KB in pages of 4 KiB. */
  private static final int NEAR = 16;

  /** Steps to and fro so often, which lead onwards, are no lookups in a small tree. */
  private static final int NEAR_RUN = 12;

  /** Who reads everything comes on by a page with each step; so many steps a page at most. */
  private static final int SLOWNESS = 2;

  private int last;

  /** The highest page since the last jump, and where that led to. */
  private int high;

  private int begin;

  /**
   * Steps since the last jump that no tree explains; and those in a row that led to the next page.
   */
  private int near;

  private int straight;

  /**
   * A page is read.
   *
   * @param explained whether it follows the last one in their tree
   */
  void moveTo(int pgno, boolean explained) {
    int step = pgno - last;
    last = pgno;
    if (step == 0) {
      return;
    }
    if (step > NEAR || step < -NEAR) {
      near = 0;
      straight = 0;
      begin = pgno;
      high = pgno;
      return;
    }
    high = Math.max(high, pgno);
    if (step != 1) {
      straight = 0;
    }
    if (!explained) {
      near++;
      straight += step == 1 ? 1 : 0;
    }
  }

  /** The page read last. */
  int last() {
    return last;
  }

  /** Whether pages are read in the order of the file, or nearly. */
  boolean isKept() {
    return straight >= RUN || (near >= NEAR_RUN && high - begin >= near / SLOWNESS);
  }

  /** How far the reader has come who keeps the order. */
  int position() {
    return high;
  }
}
