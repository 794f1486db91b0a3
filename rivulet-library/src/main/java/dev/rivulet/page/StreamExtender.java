package dev.rivulet.page;

import static dev.rivulet.page.TreeHints.NONE;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks for the pages that a reader in ascending order comes to next, until his window is full. */
final class StreamExtender {
  /**
   * Interior pages asked for ahead of the horizon, which cannot pass one that is not known: as many
   * as stand for half a window of leaves (twice as many made short scans fetch twice as much), and
   * no fewer than these. Of pages of 4 KiB each stands for 400 leaves of a table or 200 of an
   * index, of pages of 512 bytes for 70.
   */
  private static final int LEAST_INTERIORS = 8;

  private final Fetcher fetcher;
  private final TreeHints hints;
  private final FetchCosts costs;

  StreamExtender(Fetcher fetcher, TreeHints hints, FetchCosts costs) {
    this.fetcher = fetcher;
    this.hints = hints;
    this.costs = costs;
  }

  /**
   * Whether so little is under way that more should be asked for: a long range's worth is missing,
   * or half of a small window.
   *
   * @param others pages that lie ahead of the other readers
   */
  boolean isShort(View view, ReadStream s, long others) {
    return s.aheadBytes < Math.max(s.window / 2, s.window - costs.piece())
        && s.ahead < s.reach(mostAhead(view, others)) / 2;
  }

  private int mostAhead(View view, long others) {
    return (int) (costs.mostAhead(others * view.pageSize()) / view.pageSize());
  }

  /**
   * Asks for more, if anything is missing.
   *
   * @param others pages that lie ahead of the other readers
   */
  void extend(View view, ReadStream s, long others) {
    MissingFrames missing = new MissingFrames(fetcher, view);
    FrameRef before = null;
    int backwards = 0;
    int most = s.reach(mostAhead(view, others));
    s.reachFarther();
    while (s.aheadBytes < s.window && s.ahead < most) {
      int next = nextPage(view, s);
      if (next == 0) {
        break;
      }
      FrameRef frame = missing.add(next);
      s.ahead++;
      // What is kept on disk is not under way for long.
      if (frame != null && !fetcher.kept().has(frame)) {
        s.aheadBytes += costAfter(before, frame);
        backwards += liesBehind(before, frame) ? 0 : 1;
        before = frame;
      }
    }
    addInteriors(view, s, missing);
    if (!missing.frames().isEmpty()) {
      List<RangePlanner.Range> ranges =
          RangePlanner.plan(missing.frames(), costs.scanGap(), costs.piece());
      // Of pages that lie in no order every other one lies before the one that it comes after.
      int scattered = Math.min(2 * backwards, ranges.size());
      s.spent(costs.of(ranges), costs.ofRequests(scattered));
      fetcher.fetchScan(ranges, view.map(), s.fetched);
      s.fetched = before;
    }
  }

  private void addInteriors(View view, ReadStream s, MissingFrames missing) {
    long above = s.key == ReadStream.LINEAR ? NONE : hints.find(hints.parent(s.horizonSlot));
    if (above == NONE) {
      return;
    }
    int slot = TreeHints.slot(above);
    int position = TreeHints.position(above);
    long below = Math.max(1L, hints.count(s.horizonSlot)) * view.pageSize();
    for (int i = 0; i < LEAST_INTERIORS || i * below < s.window / 2; i++) {
      int page = hints.child(slot, ++position);
      if (page == 0) {
        slot = hints.nextSibling(slot);
        if (slot < 0) {
          return; // who reads the interior pages in order has that one asked for
        }
        position = 0;
        page = hints.child(slot, 0);
        if (page == 0) {
          return; // forgotten meanwhile
        }
      }
      if (hints.childrenOf(page) < 0) {
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
    return size + (between < 0 ? costs.gap() : Math.min(between, costs.scanGap()));
  }

  /** Whether a frame lies behind the one before it, as in a tree that was written in its order. */
  private static boolean liesBehind(@Nullable FrameRef before, FrameRef frame) {
    return before == null
        || !before.file().equals(frame.file())
        || frame.offset() > before.offset();
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
