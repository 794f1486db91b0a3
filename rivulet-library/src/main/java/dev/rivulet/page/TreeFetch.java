package dev.rivulet.page;

import static dev.rivulet.page.TreeHints.NONE;

import java.util.BitSet;
import java.util.List;

/** Fetches one level of a tree whole, for a reader to whom its pages come in no order. */
final class TreeFetch {
  /**
   * Who reads a tree in key order, whose pages lie in another, gets all of it once the requests for
   * single pages have cost this part of its price. That he will go on to its end is not known; but
   * so much was spent already.
   */
  private static final int DEPOSIT = 2;

  /** No tree is higher; a circle in a hostile one ends here. */
  private static final int HEIGHT = 8;

  private final Fetcher fetcher;
  private final TreeHints hints;
  private final FetchCosts costs;

  TreeFetch(Fetcher fetcher, TreeHints hints, FetchCosts costs) {
    this.fetcher = fetcher;
    this.hints = hints;
    this.costs = costs;
  }

  /**
   * For who jumps about: fetches the level that a stream is in, as far as it is known, if that
   * costs at most this.
   */
  void fetch(View view, ReadStream stream, long limit) {
    long unused = fetchWhole(view, stream, limit);
  }

  /**
   * For who reads on, in an order that is not the file's: the same, if that is no more than twice
   * what he has spent on requests, and the cache can hold it. Each is spent once: a tree whose
   * pages are displaced before he comes is not fetched over and over.
   */
  void fetchOnwards(View view, ReadStream stream) {
    long limit = Math.min(stream.scattered() * DEPOSIT, costs.largestTree());
    stream.redeemed(fetchWhole(view, stream, limit));
  }

  /** Returns what it costs; 0 if nothing is fetched. */
  private long fetchWhole(View view, ReadStream stream, long limit) {
    if (stream.key == ReadStream.LINEAR) {
      return 0;
    }
    // The highest page above the reader that does not cost too much, at least by its leaves.
    int top = stream.slot;
    int height = 0;
    long cost = costOfSiblings(view, stream);
    long above = hints.find(hints.parent(top));
    while (above != NONE && height < HEIGHT) {
      int siblings = Math.max(1, hints.count(TreeHints.slot(above)));
      if (cost > limit / siblings) {
        break;
      }
      top = TreeHints.slot(above);
      height++;
      cost *= siblings;
      above = hints.find(hints.parent(top));
    }
    if (cost > limit || (height == 0 && above != NONE)) {
      return 0; // its siblings are what any reader fetches
    }
    MissingFrames missing = MissingFrames.inStore(fetcher, view);
    BitSet parents = parents(top, height, missing);
    for (int slot = parents.nextSetBit(0); slot >= 0; slot = parents.nextSetBit(slot + 1)) {
      missing.addChildren(hints, slot);
    }
    List<RangePlanner.Range> ranges =
        RangePlanner.plan(missing.frames(), costs.gap(), costs.piece());
    long price = costs.of(ranges);
    if (price > limit) {
      return 0;
    }
    fetcher.fetchAhead(ranges, view.map());
    return price;
  }

  /** What a reader's page and its siblings cost at least: if no other pages lay between them. */
  private long costOfSiblings(View view, ReadStream s) {
    int pgno = hints.child(s.slot, s.position);
    IndexedFile file = view.map().find(pgno);
    return file == null
        ? Long.MAX_VALUE
        : (long) file.index().size(file.index().rank(pgno)) * hints.count(s.slot);
  }

  /**
   * The slots so far below a slot's, each once, where a hostile tree leads in circles. Adds those
   * interior pages whose children are not known: they will be at a later miss.
   */
  private BitSet parents(int top, int height, MissingFrames missing) {
    BitSet level = new BitSet();
    level.set(top);
    for (int i = 0; i < height; i++) {
      BitSet next = new BitSet();
      for (int slot = level.nextSetBit(0); slot >= 0; slot = level.nextSetBit(slot + 1)) {
        for (int j = 0; j < hints.count(slot); j++) {
          int below = hints.childrenOf(hints.child(slot, j));
          if (below < 0) {
            missing.add(hints.child(slot, j));
          } else {
            next.set(below);
          }
        }
      }
      level = next;
    }
    return level;
  }
}
