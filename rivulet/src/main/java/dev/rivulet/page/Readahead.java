package dev.rivulet.page;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what one connection fetches ahead. Not thread-safe; SQLite uses a file from one thread at
 * a time.
 *
 * <ul>
 *   <li>The first miss in a tree fetches its neighbours in the file, as far as that costs a small
 *       part of the wait: a lookup stays small.
 *   <li>Further misses in the same tree, in ascending order or not, fetch its next pages in key
 *       order, which {@link TreeHints} knows from the interior pages, in a window that grows while
 *       it pays ({@link ReadStream}).
 *   <li>Who reads in ascending order gets the next window before he has used up the last.
 *   <li>Who reads page after page (backup, VACUUM INTO) gets the next pages of the file.
 * </ul>
 */
final class Readahead {
  /** Trees that a statement works in at once; a 5-way join over indexes has ten. */
  private static final int STREAMS = 16;

  /** Page after page so often is no accident. */
  private static final int RUN = 4;

  /** Trees are at most this high above a leaf: 2^32 pages with the least fan-out of real pages. */
  private static final int HEIGHT = 8;

  private final Fetcher fetcher;
  private final TreeHints hints;
  private final NetworkModel network;
  private final long cacheBudget;

  private final List<ReadStream> streams = new ArrayList<>();
  private int lastPgno;
  private int run;

  Readahead(Fetcher fetcher, TreeHints hints, NetworkModel network, long cacheBudget) {
    this.fetcher = fetcher;
    this.hints = hints;
    this.network = network;
    this.cacheBudget = cacheBudget;
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
    boolean ascending = advance(stream, pgno);
    if (ascending
        && (stream.misses > 1 || stream.key == ReadStream.LINEAR)
        && (long) stream.ahead * stream.averageBytes < stream.window / 2) {
      stream.adapt(least(), most(), credit());
      if (stream.pays(credit())) {
        extend(view, stream, null);
      }
    }
  }

  /** A page is not in the cache: starts fetching it, and what else is worth it. */
  RangeFetch miss(View view, int pgno, FrameRef frame) throws java.io.IOException {
    ReadStream stream = locate(pgno);
    if (stream != null) {
      boolean ascending = advance(stream, pgno);
      stream.misses++;
      if (stream.misses > 1) {
        stream.adapt(least(), most(), credit());
        if (stream.pays(credit())) {
          if (!ascending) {
            stepBack(stream, frame);
          }
          extend(view, stream, frame);
        }
      }
    }
    return fetcher.require(frame, neighbours(frame, least()), view.map());
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
    for (int i = 0; i < HEIGHT; i++) {
      long above = hints.find(root);
      if (above == TreeHints.NONE) {
        break;
      }
      root = hints.parent(TreeHints.slot(above));
    }
    return stream(root, TreeHints.slot(hint), TreeHints.position(hint));
  }

  private ReadStream stream(int key, int slot, int position) {
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

  /** Moves a stream to a page; whether that was forwards, and less far than the horizon. */
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
    if (steps < 0 || steps > s.ahead) {
      s.ahead = 0; // outside what was fetched: what follows begins here
      s.horizonSlot = slot;
      s.horizonPosition = position;
    } else {
      s.ahead -= steps;
    }
    return steps >= 0;
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

  /** For lookups in no order: lets the window begin half before the page. */
  private void stepBack(ReadStream s, FrameRef frame) {
    int size = Math.max(1, frame.file().index().size(frame.rank()));
    int back = (int) Math.min(s.position, s.window / 2 / size);
    s.horizonPosition = s.position - back - 1;
  }

  /** Asks for the pages after the horizon until the window is full; the wanted frame with them. */
  private void extend(View view, ReadStream s, @Nullable FrameRef wanted) {
    List<FrameRef> frames = new ArrayList<>();
    long bytes = 0;
    int pages = 0;
    long room = s.window - (long) s.ahead * s.averageBytes;
    if (wanted != null && !fetcher.has(wanted)) {
      frames.add(wanted);
    }
    while (bytes < room) {
      int next = nextPage(view, s);
      if (next <= 0) {
        if (next < 0) {
          add(view, -next, frames, wanted); // an interior page, to be known next time
        }
        break;
      }
      long size = add(view, next, frames, wanted);
      bytes += size;
      pages++;
    }
    if (pages > 0) {
      s.averageBytes = (int) Math.max(1, bytes / pages);
      s.ahead += pages;
    }
    if (!frames.isEmpty()) {
      s.spent(bytes);
      fetcher.fetchAhead(RangePlanner.plan(frames, gap(), piece()), view.map());
    }
  }

  /** Adds a page's frame unless it is there; returns its length all the same. */
  private long add(View view, int pgno, List<FrameRef> frames, @Nullable FrameRef wanted) {
    IndexedFile file = view.map().find(pgno);
    if (file == null || pgno > view.commit()) {
      return 1;
    }
    FrameRef frame = new FrameRef(file, file.index().rank(pgno));
    if (!frame.equals(wanted) && !fetcher.has(frame)) {
      frames.add(frame);
    }
    return file.index().size(frame.rank());
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

  /** A sixteenth of the wait: 130 kB at 25 ms and 85 MB/s, 21 kB at 4 ms. */
  private long least() {
    return Math.clamp(network.roundTripBytes() / 16, 16 * 1024, 128 * 1024);
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
   * trip, a sixteenth of its bytes; a quarter of that keeps what is wasted well below what is used.
   */
  private long gap() {
    return Math.clamp(network.roundTripBytes() / 64, 4 * 1024, 32 * 1024);
  }
}
