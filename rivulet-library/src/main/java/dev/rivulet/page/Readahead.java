package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what one connection fetches ahead. Not thread-safe; SQLite uses a file from one thread at
 * a time.
 *
 * <ul>
 *   <li>The first miss in a tree fetches its neighbours in the file, as far as that costs a small
 *       part of the wait: a lookup stays small.
 *   <li>Further misses in the same tree in ascending order fetch its next pages in key order, which
 *       {@link TreeHints} knows from the interior pages, in a window that grows while it pays
 *       ({@link ReadStream}).
 *   <li>Further misses all over a tree fetch all of it, once they are many for its size.
 *   <li>Who goes by an index gets the rows' pages that it names next ({@link IndexFollower}).
 *   <li>Who reads in ascending order gets the next window before he has used up the last.
 *   <li>Who reads page after page (backup, VACUUM INTO) gets the next pages of the file.
 * </ul>
 */
final class Readahead {
  /** Trees that a statement works in at once; a 5-way join over indexes has ten. */
  private static final int STREAMS = 16;

  /**
   * Pages that one step of a reader in ascending order passes at most: one row wanted in 32 pages
   * of 4 KiB still is worth reading them all, far from the store.
   */
  private static final int STRIDE = 32;

  /** Page after page so often is no accident. */
  private static final int RUN = 4;

  /** The first byte of a table's leaf (SQLite file format, section 1.6). */
  private static final int TABLE_LEAF = 13;

  /** Trees are at most this high above a leaf: 2^32 pages with the least fan-out of real pages. */
  private static final int HEIGHT = 8;

  private final Fetcher fetcher;
  private final TreeHints hints;
  private final NetworkModel network;
  private final long cacheBudget;

  private final List<ReadStream> streams = new ArrayList<>();
  private final IndexFollower follower;
  private final List<Integer> foreseen = new ArrayList<>();
  private int lastPgno;
  private int run;

  Readahead(Fetcher fetcher, TreeHints hints, NetworkModel network, long cacheBudget) {
    this.fetcher = fetcher;
    this.hints = hints;
    this.network = network;
    this.cacheBudget = cacheBudget;
    this.follower = new IndexFollower(hints);
  }

  /** A page was read from the cache, {@code first} if it was fetched ahead and not read before. */
  void hit(View view, int pgno, boolean first) {
    ReadStream stream = locate(pgno);
    if (stream == null) {
      return;
    }
    if (first) {
      stream.saved(network.roundTripBytes());
    }
    if (advance(stream, pgno)
        && stream.isKnown()
        && (long) stream.ahead * stream.averageBytes < stream.window / 2
        && !follower.expects(hints.find(pgno))) {
      widen(view, stream);
    }
  }

  /** A page is not in the cache: starts fetching it, and what else is worth it. */
  RangeFetch miss(View view, int pgno, FrameRef frame) throws IOException {
    boolean expected = follower.expects(hints.find(pgno));
    // What is waited for goes first, and its range begins near it.
    RangeFetch fetch =
        fetcher.require(frame, neighbours(frame, expected ? gap() : least()), view.map());
    ReadStream stream = locate(pgno);
    if (stream != null) {
      boolean onwards = advance(stream, pgno);
      if (!expected && stream.missed()) {
        if (onwards) {
          widen(view, stream);
        } else {
          // As many more jumps are expected as there were accesses, all over the tree: that many
          // waits are worth as many round trips' bytes.
          long worth = Math.min((stream.jumped() + 1) * network.roundTripBytes(), cacheBudget / 2);
          fetchTree(view, stream, worth);
        }
      }
    }
    return fetch;
  }

  private void widen(View view, ReadStream stream) {
    stream.adapt(least(), most(), credit());
    if (stream.pays(credit())) {
      extend(view, stream);
    }
  }

  /** Fetches the whole level of a tree, if that costs at most {@code limit}. */
  private void fetchTree(View view, ReadStream s, long limit) {
    long above = hints.find(hints.parent(s.slot));
    int top = above == TreeHints.NONE ? -1 : TreeHints.slot(above);
    if (s.key == ReadStream.LINEAR || leastCost(view, s, top) > limit) {
      return;
    }
    Set<FrameRef> frames = new LinkedHashSet<>();
    if (top < 0) {
      addChildren(view, s.slot, frames);
    }
    for (int i = 0; top >= 0 && i < hints.count(top); i++) {
      int slot = hints.childrenOf(hints.child(top, i));
      if (slot >= 0) {
        addChildren(view, slot, frames);
      } else {
        add(view, hints.child(top, i), frames); // its children at the next miss
      }
    }
    List<RangePlanner.Range> ranges = RangePlanner.plan(frames, gap(), piece());
    if (cost(ranges) <= limit) {
      fetcher.fetchAhead(ranges, view.map());
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

  /** Bytes, and what the requests cost in bytes. */
  private long cost(List<RangePlanner.Range> ranges) {
    long cost = ranges.size() * gap();
    for (RangePlanner.Range range : ranges) {
      cost += range.bytes();
    }
    return cost;
  }

  private void addChildren(View view, int slot, Set<FrameRef> frames) {
    for (int i = 0; i < hints.count(slot); i++) {
      add(view, hints.child(slot, i), frames);
    }
  }

  /** SQLite was given a page, at this address. */
  void delivered(View view, int pgno, long address) {
    if (run >= RUN) {
      return; // a backup passes the pages of every tree, and looks nothing up
    }
    int type = pgno == 1 ? 0 : NativeMemory.readByte(address);
    if (type == IndexLeaf.TYPE) {
      follower.indexPage(address, view.pageSize());
    } else if (type == TABLE_LEAF) {
      long hint = hints.find(pgno);
      if (hint != TreeHints.NONE) {
        foreseen.clear();
        follower.tableLeaf(hint, foreseen);
        if (!foreseen.isEmpty()) {
          fetchForeseen(view);
        }
      }
    }
  }

  private void fetchForeseen(View view) {
    Set<FrameRef> frames = new LinkedHashSet<>();
    for (int pgno : foreseen) {
      add(view, pgno, frames);
    }
    // Exactly these are wanted: a quarter of what else is worth reading in vain between two pages.
    fetcher.fetchAhead(RangePlanner.plan(frames, gap() / 4, piece()), view.map());
  }

  /** The stream that a page belongs to; null if nothing is known of its place. */
  private @Nullable ReadStream locate(int pgno) {
    run = pgno == lastPgno + 1 ? run + 1 : 0;
    lastPgno = pgno;
    if (run >= RUN) {
      return stream(ReadStream.LINEAR, 0, pgno - 1);
    }
    long hint = hints.find(pgno);
    if (hint == TreeHints.NONE) {
      return null;
    }
    int root = hints.parent(TreeHints.slot(hint));
    int depth = 1;
    while (depth < HEIGHT) {
      long above = hints.find(root);
      if (above == TreeHints.NONE) {
        break;
      }
      root = hints.parent(TreeHints.slot(above));
      depth++;
    }
    // The levels of a tree are read in patterns of their own.
    return stream((long) root * HEIGHT + depth, TreeHints.slot(hint), TreeHints.position(hint));
  }

  private ReadStream stream(long key, int slot, int position) {
    for (int i = 0; i < streams.size(); i++) {
      ReadStream s = streams.get(i);
      if (s.key == key) {
        if (i > 0) { // most recently used first
          streams.remove(i);
          streams.add(0, s);
        }
        return s;
      }
    }
    if (streams.size() == STREAMS) {
      streams.remove(STREAMS - 1);
    }
    ReadStream s = new ReadStream(key, slot, position, least());
    streams.add(0, s);
    return s;
  }

  /** Moves a stream to a page; whether that was onwards: a little forwards, not a jump. */
  private boolean advance(ReadStream s, int pgno) {
    int slot = 0;
    int position = pgno;
    if (s.key != ReadStream.LINEAR) {
      long hint = hints.find(pgno);
      slot = TreeHints.slot(hint);
      position = TreeHints.position(hint);
    }
    int steps;
    if (slot == s.slot) {
      steps = position - s.position;
    } else if (nextSibling(s.slot) == slot) {
      steps = hints.count(s.slot) - s.position + position;
    } else {
      steps = -1;
    }
    s.slot = slot;
    s.position = position;
    boolean onwards = steps >= 0 && steps <= s.ahead + STRIDE;
    if (steps < 0 || steps > s.ahead) {
      s.ahead = 0; // outside what was fetched: what follows begins here
      s.horizonSlot = slot;
      s.horizonPosition = position;
    } else {
      s.ahead -= steps;
    }
    return onwards;
  }

  /** The slot of the interior page that follows a slot's in its tree; -1 if not known. */
  private int nextSibling(int slot) {
    int page = nextSiblingPage(slot);
    return page == 0 ? -1 : hints.childrenOf(page);
  }

  private int nextSiblingPage(int slot) {
    long above = hints.find(hints.parent(slot));
    return above == TreeHints.NONE
        ? 0
        : hints.child(TreeHints.slot(above), TreeHints.position(above) + 1);
  }

  /** Asks for the pages after the horizon until the window is full. */
  private void extend(View view, ReadStream s) {
    Set<FrameRef> frames = new LinkedHashSet<>();
    long cost = 0;
    int pages = 0;
    long room = s.window - (long) s.ahead * s.averageBytes;
    FrameRef before = null;
    while (cost < room) {
      int next = nextPage(view, s);
      if (next <= 0) {
        if (next < 0) {
          add(view, -next, frames); // an interior page, to be known next time
        }
        break;
      }
      FrameRef frame = add(view, next, frames);
      cost += frame == null ? 1 : costAfter(before, frame);
      before = frame;
      pages++;
    }
    if (pages > 0) {
      s.averageBytes = (int) Math.max(1, cost / pages);
      s.ahead += pages;
    }
    if (!frames.isEmpty()) {
      List<RangePlanner.Range> ranges = RangePlanner.plan(frames, gap(), piece());
      s.spent(cost(ranges));
      fetcher.fetchAhead(ranges, view.map());
    }
  }

  /** The bytes of a frame, and those between it and the one before or a request, what is less. */
  private long costAfter(@Nullable FrameRef before, FrameRef frame) {
    long size = frame.end() - frame.offset();
    if (before == null || !before.file().equals(frame.file())) {
      return size + gap();
    }
    long between = frame.offset() - before.end();
    return size + (between < 0 ? gap() : Math.min(between, gap()));
  }

  /** Adds a page's frame unless it is there; returns it all the same, or null if there is none. */
  private @Nullable FrameRef add(View view, int pgno, Set<FrameRef> frames) {
    IndexedFile file = pgno > view.commit() ? null : view.map().find(pgno);
    if (file == null) {
      return null;
    }
    FrameRef frame = new FrameRef(file, file.index().rank(pgno));
    if (!fetcher.has(frame)) {
      frames.add(frame);
    }
    return frame;
  }

  /** The page after the horizon, which moves there; 0 at the end; negative: an interior page. */
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
    int sibling = nextSiblingPage(s.horizonSlot);
    if (sibling == 0) {
      return 0;
    }
    int slot = hints.childrenOf(sibling);
    if (slot < 0) {
      return -sibling;
    }
    s.horizonSlot = slot;
    s.horizonPosition = 0;
    return hints.child(slot, 0);
  }

  /** The frames around one in its file, mostly after it, trimmed where they are there already. */
  private RangePlanner.Range neighbours(FrameRef frame, long bytes) {
    IndexedFile file = frame.file();
    int first = frame.rank();
    int end = first + 1;
    // A quarter before, the rest after: B-trees are mostly built and read in ascending order.
    long begin = frame.offset() - bytes / 4;
    while (first > 0
        && file.index().offset(first - 1) >= begin
        && !fetcher.has(new FrameRef(file, first - 1))) {
      first--;
    }
    long limit = frame.offset() + bytes - bytes / 4;
    while (end < file.index().count()
        && file.index().offset(end) + file.index().size(end) <= limit
        && !fetcher.has(new FrameRef(file, end))) {
      end++;
    }
    return new RangePlanner.Range(file, first, end);
  }

  /** A 24th of the wait: 90 kB at 25 ms and 85 MB/s, 16 kB at 4 ms. */
  private long least() {
    return Math.clamp(network.roundTripBytes() / 24, 16 * 1024, 96 * 1024);
  }

  /** All places of the fetcher busy with pieces, but never more than a quarter of the cache. */
  private long most() {
    return Math.min(Fetcher.PARALLEL * piece(), cacheBudget / 4);
  }

  private long credit() {
    return network.roundTripBytes();
  }

  /** A range whose transfer takes as long as its first byte: half of the line's speed, times 16. */
  private long piece() {
    return Math.clamp(network.roundTripBytes(), 256 * 1024, 1024 * 1024);
  }

  /**
   * Bytes worth reading in vain to save a request. A request occupies one of 16 places for a round
   * trip, which is worth a sixteenth of a round trip's bytes (130 kB far, 21 kB near); half of
   * that, for the line may not be ours alone.
   */
  private long gap() {
    return Math.max(4 * 1024, network.roundTripBytes() / Fetcher.PARALLEL / 2);
  }
}
