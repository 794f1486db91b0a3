package dev.rivulet.page;

/** How likely a page that arrives is to be read, and so what it may displace from the cache. */
enum Worth {
  /** A reader named it: it stays until he comes, or the cache was gone through once. */
  WANTED,

  /** It lies beside one that a reader named. It displaces others that were not read lately. */
  NEAR,

  /**
   * It lies in a gap of what a scan fetches. It displaces nothing but what scans have passed; kept
   * as long as there is room for the next scan, whose pages lie between those of this one.
   */
  PASSING
}
