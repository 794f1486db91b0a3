package dev.rivulet.page;

import static dev.rivulet.page.TreeHints.NONE;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks for the pages that a reader in ascending order comes to next, until his window is full. */
final class StreamExtender {
  /**
   * Pages looked at ahead of a reader at most, where nothing needs to be fetched: SQLite takes 5 µs
   * or more for each, so what is missing behind them still is asked for 20 ms ahead.
   */
  static final int MOST_AHEAD = 4096;

  /**
   * Interior pages asked for ahead of the horizon, which cannot pass one that is not known: at 4
   * KiB each stands for 400 leaves of a table or 200 of an index, so that eight are more than a
   * window.
   */
  private static final int INTERIORS = 8;

  private final Fetcher fetcher;
  private final TreeHints hints;
  private final FetchCosts costs;

  StreamExtender(Fetcher fetcher, TreeHints hints, FetchCosts costs) {
    this.fetcher = fetcher;
    this.hints = hints;
    this.costs = costs;
  }

  /** Whether so little is under way that more should be asked for. */
  static boolean isShort(ReadStream s) {
    return s.aheadBytes < s.window / 2 && s.ahead < MOST_AHEAD / 2;
  }

  void extend(View view, ReadStream s) {
    MissingFrames missing = new MissingFrames(fetcher, view);
    FrameRef before = null;
    while (s.aheadBytes < s.window && s.ahead < MOST_AHEAD) {
      int next = nextPage(view, s);
      if (next == 0) {
        break;
      }
      FrameRef frame = missing.add(next);
      s.ahead++;
      if (frame != null) {
        s.aheadBytes += costAfter(before, frame);
        before = frame;
      }
    }
    addInteriors(s, missing);
    if (!missing.frames().isEmpty()) {
      List<RangePlanner.Range> ranges =
          RangePlanner.plan(missing.frames(), costs.gap(), costs.piece());
      s.spent(costs.of(ranges));
      fetcher.fetchAhead(ranges, view.map(), Worth.PASSING);
    }
  }

  private void addInteriors(ReadStream s, MissingFrames missing) {
    long above = s.key == ReadStream.LINEAR ? NONE : hints.find(hints.parent(s.horizonSlot));
    for (int i = 1; above != NONE && i <= INTERIORS; i++) {
      int page = hints.child(TreeHints.slot(above), TreeHints.position(above) + i);
      if (page != 0 && hints.childrenOf(page) < 0) {
        missing.add(page);
      }
    }
  }

  /** The bytes of a frame, and those between it and the one before or a request, what is less. */
  private long costAfter(@Nullable FrameRef before, FrameRef frame) {
    long size = frame.end() - frame.offset();
    if (before == null || !before.file().equals(frame.file())) {
      return size + costs.gap();
    }
    long between = frame.offset() - before.end();
    return size + (between < 0 ? costs.gap() : Math.min(between, costs.gap()));
  }

  /** The page after the horizon, which moves there; 0 at the end of what is known. */
  private int nextPage(View view, ReadStream s) {
    if (s.key == ReadStream.LINEAR) {
      if (s.horizonPosition >= view.commit()) {
        return 0;
      }
      return ++s.horizonPosition;
    }
    int child = hints.child(s.horizonSlot, s.horizonPosition + 1);
    if (child != 0) {
      s.horizonPosition++;
      return child;
    }
    int slot = hints.nextSibling(s.horizonSlot);
    if (slot < 0) {
      return 0;
    }
    s.horizonSlot = slot;
    s.horizonPosition = 0;
    return hints.child(slot, 0);
  }
}
