package dev.rivulet.page;

import java.util.List;

/** Fetches one level of a tree whole, for a reader who jumps about in it. */
final class TreeFetch {
  private final Fetcher fetcher;
  private final TreeHints hints;
  private final FetchCosts costs;

  TreeFetch(Fetcher fetcher, TreeHints hints, FetchCosts costs) {
    this.fetcher = fetcher;
    this.hints = hints;
    this.costs = costs;
  }

  /** Fetches the level that a stream is in, as far as it is known, if that costs at most this. */
  void fetch(View view, ReadStream stream, long limit) {
    if (stream.key == ReadStream.LINEAR) {
      return;
    }
    long above = hints.find(hints.parent(stream.slot));
    int top = above == TreeHints.NONE ? -1 : TreeHints.slot(above);
    if (leastCost(view, stream, top) > limit) {
      return;
    }
    MissingFrames missing = new MissingFrames(fetcher, view);
    if (top < 0) {
      missing.addChildren(hints, stream.slot);
    }
    for (int i = 0; top >= 0 && i < hints.count(top); i++) {
      int slot = hints.childrenOf(hints.child(top, i));
      if (slot >= 0) {
        missing.addChildren(hints, slot);
      } else {
        missing.add(hints.child(top, i)); // its children at the next miss
      }
    }
    List<RangePlanner.Range> ranges =
        RangePlanner.plan(missing.frames(), costs.gap(), costs.piece());
    if (costs.of(ranges) <= limit) {
      fetcher.fetchAhead(ranges, view.map(), Worth.NEAR);
    }
  }

  /** What a level of a tree costs at least: its pages, if none lay between them. */
  private long leastCost(View view, ReadStream s, int top) {
    IndexedFile file = view.map().find(hints.child(s.slot, s.position));
    if (file == null) {
      return Long.MAX_VALUE;
    }
    long size = file.index().size(file.index().rank(hints.child(s.slot, s.position)));
    return size * hints.count(s.slot) * (top < 0 ? 1 : hints.count(top));
  }
}
