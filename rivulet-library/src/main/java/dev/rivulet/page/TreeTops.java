package dev.rivulet.page;

/**
 * Fetches what lies below the roots of the smaller trees before it is wanted. A statement that
 * works in three trees is a join, and will come to others; each would cost one wait for an interior
 * page and one for a leaf.
 *
 * <p>The smallest first, and no more requests than half a wait is worth, for most will be in vain:
 * of the shop's eight trees of 2 to 28 interior pages, 80 in all, that is two, with 4, at 25 ms.
 * (All 80 were tried: they save four round trips of a join over five tables, and cost as much in
 * processor time.)
 */
final class TreeTops {
  /** A lookup works in one tree, one by an index in two. */
  private static final int JOIN = 3;

  private final Fetcher fetcher;
  private final TreeHints hints;
  private final FetchCosts costs;
  private int viewDone = -1;

  TreeTops(Fetcher fetcher, TreeHints hints, FetchCosts costs) {
    this.fetcher = fetcher;
    this.hints = hints;
    this.costs = costs;
  }

  /** Fetches them, once for each view, if the reader has worked in so many trees. */
  void fetch(View view, ReadStreams streams) {
    if (viewDone == view.number() || streams.trees() < JOIN) {
      return;
    }
    viewDone = view.number();
    MissingFrames missing = new MissingFrames(fetcher, view);
    int most = costs.requestsForAWait() / 2;
    for (int count = 2; count <= most; count++) {
      for (int slot = 0; slot < TreeHints.PARENTS; slot++) {
        if (hints.count(slot) == count
            && missing.frames().size() + count <= most
            && hints.find(hints.parent(slot)) == TreeHints.NONE) {
          missing.addChildren(hints, slot);
        }
      }
    }
    fetcher.fetchAhead(
        RangePlanner.plan(missing.frames(), costs.gap() / 4, costs.piece()), view.map());
  }
}
