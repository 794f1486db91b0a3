package dev.rivulet.page;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one connection: finds out which tree a page belongs to, and follows the reader.
 */
final class ReadStreams {
  /** Trees that a statement works in at once; a 5-way join over indexes has ten. */
  private static final int STREAMS = 16;

  /**
   * Pages that one step of a reader in ascending order passes at most: one row wanted in 32 pages
   * of 4 KiB still is worth reading them all, far from the store.
   */
  private static final int STRIDE = 32;

  /** Trees are at most this high above a leaf: 2^32 pages with the least fan-out of real pages. */
  private static final int HEIGHT = 8;

  /** A stream that was not read from so long has ended, and the cache need hold nothing for it. */
  private static final int LATELY = 1024;

  private final TreeHints hints;
  private final FetchCosts costs;

  /** Most recently used first. */
  private final List<ReadStream> streams = new ArrayList<>();

  private final FileOrder order = new FileOrder();

  /** Pages that the connection has read. */
  private long reads;

  ReadStreams(TreeHints hints, FetchCosts costs) {
    this.hints = hints;
    this.costs = costs;
  }

  /** The topmost known page of the tree that a stream is in; 0 if it is in none. */
  static int root(ReadStream stream) {
    return stream.key == ReadStream.LINEAR ? 0 : (int) (stream.key / HEIGHT);
  }

  /** In how many trees the reader has worked lately. */
  int trees() {
    int trees = 0;
    for (int i = 0; i < streams.size(); i++) {
      boolean first = streams.get(i).key != ReadStream.LINEAR;
      for (int j = 0; j < i; j++) {
        first &= streams.get(i).key / HEIGHT != streams.get(j).key / HEIGHT;
      }
      trees += first ? 1 : 0;
    }
    return trees;
  }

  /** How many pages the cache should hold for those streams that are not read from just now. */
  long aheadOfOthers() {
    long pages = 0;
    for (int i = 1; i < streams.size(); i++) {
      ReadStream s = streams.get(i);
      pages += reads - s.lastRead < LATELY ? s.ahead : 0;
    }
    return pages;
  }

  /** Whether the file is being read in the order of its pages, as by a backup. */
  boolean isLinear() {
    return order.isKept();
  }

  /** The stream that a page belongs to, moved there; null if nothing is known of its place. */
  @Nullable ReadStream moveTo(int pgno) {
    reads++;
    ReadStream stream = locate(pgno);
    if (stream != null) {
      stream.lastRead = reads;
      advance(stream, pgno);
    }
    return stream;
  }

  private @Nullable ReadStream locate(int pgno) {
    long hint = hints.find(pgno);
    order.moveTo(pgno, isNextInTree(hint));
    if (order.isKept()) {
      return stream(ReadStream.LINEAR, 0, order.position() - 1);
    }
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

  /** Whether a page comes after the one read last in its tree's order, below the same parent. */
  private boolean isNextInTree(long hint) {
    long last = hints.find(order.last());
    return hint != TreeHints.NONE
        && last != TreeHints.NONE
        && TreeHints.slot(hint) == TreeHints.slot(last)
        && TreeHints.position(hint) == TreeHints.position(last) + 1;
  }

  private ReadStream stream(long key, int slot, int position) {
    for (int i = 0; i < streams.size(); i++) {
      ReadStream s = streams.get(i);
      if (s.key == key) {
        if (i > 0) {
          streams.remove(i);
          streams.add(0, s);
        }
        return s;
      }
    }
    if (streams.size() == STREAMS) {
      streams.remove(STREAMS - 1);
    }
    ReadStream s = new ReadStream(key, slot, position, costs.least());
    streams.add(0, s);
    return s;
  }

  private void advance(ReadStream s, int pgno) {
    int slot = 0;
    int position = order.position();
    if (s.key != ReadStream.LINEAR) {
      long hint = hints.find(pgno);
      slot = TreeHints.slot(hint);
      position = TreeHints.position(hint);
    }
    int steps;
    if (slot == s.slot) {
      steps = position - s.position;
    } else if (hints.nextSibling(s.slot) == slot) {
      steps = hints.count(s.slot) - s.position + position;
    } else {
      steps = -1;
    }
    s.moveTo(slot, position, steps, STRIDE);
  }
}
