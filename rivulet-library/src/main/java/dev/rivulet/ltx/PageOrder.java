package dev.rivulet.ltx;

import dev.rivulet.ltx.LtxException.Kind;

/**
 * The rules about which pages a file holds, and in which order. Frames and index entries are held
 * to the same ones.
 */
final class PageOrder {
  private final Kind kind;
  private final int commit;
  private final int lockPage;
  private final boolean snapshot;
  private int last;

  /**
   * @param kind what an error is said to be
   */
  PageOrder(LtxHeader header, Kind kind) {
    this.kind = kind;
    this.commit = header.commit();
    this.lockPage = PageSize.lockPage(header.pageSize());
    this.snapshot = header.isSnapshot();
  }

  /** The page after {@code pgno} in a file that leaves none out: the lock page is skipped. */
  static int following(int pgno, int lockPage) {
    return pgno + 1 == lockPage ? pgno + 2 : pgno + 1;
  }

  /** Takes the next page; {@code pgno} may be any value that a file can claim. */
  void next(long pgno) throws LtxException {
    if (pgno <= last || pgno > commit || pgno == lockPage) {
      throw new LtxException(kind, complaint(pgno));
    }
    if (snapshot && pgno != following(last, lockPage)) {
      throw missing(following(last, lockPage));
    }
    last = (int) pgno;
  }

  /** There is no further page. */
  void end() throws LtxException {
    // Compared without sign: the page after 2147483647 is none.
    if (snapshot && Integer.compareUnsigned(following(last, lockPage), commit) <= 0) {
      throw missing(following(last, lockPage));
    }
  }

  private String complaint(long pgno) {
    if (pgno < 0 || pgno > commit) {
      return "page %s lies beyond the database, which has %d pages"
          .formatted(Long.toUnsignedString(pgno), commit);
    }
    if (pgno == lockPage) {
      return "page " + pgno + " is the lock page, which holds no data";
    }
    return pgno == 0
        ? "there is no page 0"
        : "page %d comes after page %d, but pages must ascend".formatted(pgno, last);
  }

  private LtxException missing(int pgno) {
    return new LtxException(
        kind, "page " + pgno + " is missing, but a snapshot holds every page up to " + commit);
  }
}
