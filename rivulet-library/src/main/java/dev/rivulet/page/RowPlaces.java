package dev.rivulet.page;

/**
 * Where the rows of a table lie, as far as {@link TreeHints} knows its interior pages. Not
 * thread-safe.
 */
final class RowPlaces {
  /** No tree is higher; a circle in a hostile one ends here. */
  private static final int HEIGHT = 8;

  private final TreeHints hints;
  private int top = -1;
  private int depth;

  RowPlaces(TreeHints hints) {
    this.hints = hints;
  }

  /** Of the table that has a leaf below the interior page in a slot. */
  void of(int slot) {
    depth = 0;
    top = slot;
    while (depth < HEIGHT) {
      long above = hints.find(hints.parent(top));
      if (above == TreeHints.NONE) {
        break;
      }
      top = TreeHints.slot(above);
      depth++;
    }
  }

  /** Of no table. */
  void ofNone() {
    top = -1;
  }

  boolean isKnown() {
    return top >= 0;
  }

  /**
   * The leaf that a rowid lies on; negative: the page on the way to it that is not known yet; 0 if
   * nothing is known any more.
   */
  int leaf(long rowid) {
    int slot = top;
    for (int level = 0; ; level++) {
      int child = hints.child(slot, hints.positionOf(slot, rowid));
      if (level == depth || child == 0) {
        return child;
      }
      slot = hints.childrenOf(child);
      if (slot < 0 || !hints.isTable(slot)) {
        return -child;
      }
    }
  }
}
