package dev.rivulet.ltx;

/** The rules of SQLite's page sizes. */
public final class PageSize {
  public static final int MIN = 512;
  public static final int MAX = 65536;

  /** SQLite locks bytes from this offset on (PENDING_BYTE), and never uses the page there. */
  private static final int PENDING_BYTE = 0x40000000;

  private PageSize() {}

  /** Whether it is a power of two from 512 to 65536. */
  public static boolean isValid(int pageSize) {
    return pageSize >= MIN && pageSize <= MAX && Integer.bitCount(pageSize) == 1;
  }

  /** The number of the page that holds no data and stands in no LTX file. */
  public static int lockPage(int pageSize) {
    return PENDING_BYTE / pageSize + 1;
  }
}
