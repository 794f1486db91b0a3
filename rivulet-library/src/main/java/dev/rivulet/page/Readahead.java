package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what one connection fetches ahead. Not thread-safe; SQLite uses a file from one thread at
 * a time.
 *
 * <ul>
 *   <li>The first miss in a tree fetches its neighbours in the file ({@link Neighbours}), as far as
 *       that costs a small part of the wait: a lookup stays small.
 *   <li>Further misses in the same tree in ascending order fetch its next pages in key order, which
 *       {@link TreeHints} knows from the interior pages, in a window that grows while it pays
 *       ({@link ReadStream}, {@link StreamExtender}).
 *   <li>Further misses all over a tree fetch all of it, once they are many for its size ({@link
 *       TreeFetch}).
 *   <li>Who goes by an index gets the rows' pages that it names next ({@link IndexFollower}).
 *   <li>Who goes from one index into another gets what the next entries lead to there ({@link
 *       JoinFollower}).
 *   <li>Who works in a third tree gets what lies below the roots of the others ({@link TreeTops}).
 *   <li>Who reads in ascending order gets the next window before he has used up the last.
 *   <li>Who reads page after page (backup, VACUUM INTO) gets the next pages of the file.
 * </ul>
 */
final class Readahead {
  /** The first byte of a table's leaf (SQLite file format, section 1.6). */
  private static final int TABLE_LEAF = 13;

  private final Fetcher fetcher;
  private final TreeHints hints;
  private final FetchCosts costs;
  private final ReadStreams streams;
  private final StreamExtender extender;
  private final TreeFetch trees;
  private final TreeTops tops;
  private final IndexFollower follower;
  private final JoinFollower join;
  private final List<Integer> foreseen = new ArrayList<>();

  /** Whether the page read last is one of many that are read in order. */
  private boolean passing;

  /** The root of the tree that the page read last belongs to; 0 if that is not known. */
  private int tree;

  /** Whether since the last leaf of an index anything was missing, or read for the first time. */
  private boolean fresh;

  Readahead(Fetcher fetcher, PageCache cache, TreeHints hints, NetworkModel network) {
    this.fetcher = fetcher;
    this.hints = hints;
    this.costs = new FetchCosts(network, cache.budget());
    this.streams = new ReadStreams(hints, costs);
    this.extender = new StreamExtender(fetcher, hints, costs);
    this.trees = new TreeFetch(fetcher, hints, costs);
    this.tops = new TreeTops(fetcher, hints, costs);
    this.follower = new IndexFollower(hints);
    this.join = new JoinFollower(cache, hints, follower);
  }

  /** A page was read from the cache, {@code first} if it was fetched ahead and not read before. */
  void hit(View view, int pgno, boolean first) {
    ReadStream stream = moveTo(pgno);
    fresh |= first;
    if (stream == null) {
      return;
    }
    if (first) {
      stream.saved(costs.roundTrip());
    }
    if (stream.isScan()
        && stream.isFresh()
        && extender.isShort(view, stream, streams.aheadOfOthers())
        && !expects(pgno)) {
      widen(view, stream);
    }
  }

  /** A page is not in the cache: starts fetching it, and what else is worth it. */
  RangeFetch miss(View view, int pgno, FrameRef frame) throws IOException {
    boolean expected = expects(pgno);
    boolean underWay = fetcher.has(frame);
    // What is waited for goes first, and its range begins near it.
    long around = expected ? costs.gap() : costs.least();
    RangeFetch fetch = fetcher.require(frame, Neighbours.of(frame, around, fetcher), view.map());
    ReadStream stream = moveTo(pgno);
    fresh = true;
    if (stream != null && !underWay) {
      stream.lost();
    }
    tops.fetch(view, streams);
    if (stream != null && !expected && stream.missed()) {
      if (stream.isOnwards()) {
        widen(view, stream);
      } else if (!fetch.isKept()) {
        // As many more jumps are expected as there were accesses, all over the tree: that many
        // waits are worth as many round trips' bytes.
        trees.fetch(view, stream, costs.tree(stream.jumped() + 1, fetcher.kept().room()));
      }
    }
    return fetch;
  }

  private boolean expects(int pgno) {
    return follower.expects(hints.find(pgno)) || join.expects(pgno);
  }

  private @Nullable ReadStream moveTo(int pgno) {
    ReadStream stream = streams.moveTo(pgno);
    passing = stream != null && stream.isScan();
    tree = stream == null ? 0 : ReadStreams.root(stream);
    return stream;
  }

  private void widen(View view, ReadStream stream) {
    stream.adapt(costs.least(), costs.most(), costs.roundTrip());
    // Who waits on a slow line for what is under way would else ask for a page more at each wait.
    if (stream.pays(costs.roundTrip()) && extender.isShort(view, stream, streams.aheadOfOthers())) {
      extender.extend(view, stream, streams.aheadOfOthers());
      trees.fetchOnwards(view, stream);
    }
  }

  /**
   * SQLite was given a page, at this address.
   *
   * @return whether it was passed by a scan, so that it is not needed any more
   */
  boolean delivered(View view, int pgno, long address) {
    int type = pgno == 1 ? 0 : NativeMemory.readByte(address);
    boolean passed = passing && !TreeHints.isInterior(type);
    if (streams.isLinear()) {
      return passed; // a backup passes the pages of every tree, and looks nothing up
    }
    foreseen.clear();
    if (type == IndexCells.LEAF) {
      follower.indexPage(address, view.pageSize());
      if (tree != 0) {
        join.indexLeaf(view, tree, address, fresh, foreseen);
      }
      fresh = false;
    } else if (type == TABLE_LEAF) {
      long hint = hints.find(pgno);
      if (hint != TreeHints.NONE) {
        follower.tableLeaf(hint, foreseen);
        join.tableLeaf(view, TreeHints.slot(hint), foreseen);
      }
    } else {
      join.arrived(view, foreseen);
    }
    if (!foreseen.isEmpty()) {
      fetchForeseen(view);
    }
    // Rows by an index are a few of many: what lies between them goes before they do.
    return passed && !follower.isSure();
  }

  private void fetchForeseen(View view) {
    MissingFrames missing = new MissingFrames(fetcher, view);
    for (int pgno : foreseen) {
      missing.add(pgno);
    }
    // Hundreds of them, each a request if it came alone: 663 rows all over 63 MB took 440 requests
    // with a quarter of this gap, and a fifth more time.
    fetcher.fetchAhead(RangePlanner.plan(missing.frames(), costs.gap(), costs.piece()), view.map());
  }
}
