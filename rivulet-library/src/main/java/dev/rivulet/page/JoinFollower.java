package dev.rivulet.page;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Foresees the lookups of a join that goes from one index into another: from a customer's orders,
 * as the outer index names their rowids, to each order's items, which the inner index has below
 * these. Once one of the outer entries was found in the inner index, the next ones of the same key
 * are looked up ahead: the inner index's pages, and the rows that they name. If the first one of
 * the next key follows, so do those of all keys.
 *
 * <p>Each step needs the page before it, so it goes on whenever something has arrived, until all is
 * there. None is asked for twice.
 */
final class JoinFollower {
  /** Entries looked up ahead at first; twice as many after each that came. */
  private static final int FIRST = 4;

  private static final int MOST = 64;

  /** Entries that may pass without a read between two lookups: SQLite still had their pages. */
  private static final int SKIP = 8;

  /** Rows of one entry that are looked up ahead. */
  private static final int ROWS = 64;

  /** Of an outer leaf of 4 KiB all entries, of five pages each, and then some. */
  private static final int MOST_ASKED = 4096;

  /** No tree is higher; a circle in a hostile one ends here. */
  private static final int HEIGHT = 8;

  private final PageCache cache;
  private final IndexFollower rows;
  private final RowPlaces places;

  private final IndexLeaf outer = new IndexLeaf();
  private int outerRoot;

  /** The root of the index that the outer one leads into; 0 for none. */
  private int innerRoot;

  /** The root of the index of which a leaf was read last. */
  private int lastRoot;

  private int window;

  /** Whether the statement goes through the outer index, not only through one of its keys. */
  private boolean walks;

  /** Whether there is an entry whose lookup goes on when more has arrived. */
  private boolean pending;

  /** Pages that were wanted since the outer index's leaf was read. */
  private final Set<Integer> asked = new HashSet<>();

  JoinFollower(PageCache cache, TreeHints hints, IndexFollower rows) {
    this.cache = cache;
    this.rows = rows;
    this.places = new RowPlaces(hints);
  }

  /**
   * SQLite was given a leaf of an index, and {@link IndexFollower} too.
   *
   * @param root of its tree
   * @param fresh whether anything is being fetched: else there is nothing to foresee
   * @param to takes the pages that will be wanted next
   */
  void indexLeaf(View view, int root, long address, boolean fresh, List<Integer> to) {
    lastRoot = root;
    if (root != outerRoot && outerRoot != 0) {
      int entry = fresh ? entryIn(rows.leaf()) : -1;
      if (entry >= 0) {
        found(root, entry);
        goOn(view, to);
        return;
      }
      if (innerRoot != 0 && (innerRoot != root || !fresh)) {
        return; // an index beside these two, or nothing to do
      }
      innerRoot = 0;
    }
    walks &= root == outerRoot && innerRoot != 0 && outer.next() + SKIP >= outer.count();
    outer.note(address, view.pageSize());
    outerRoot = root;
    pending = false;
    asked.clear();
    if (walks) {
      goOn(view, to);
    }
  }

  /** An outer entry was looked up in the index that has this root. */
  private void found(int root, int entry) {
    int next = outer.next();
    boolean onwards = innerRoot == root && entry >= next && entry <= next + SKIP;
    walks = onwards && (walks || (next > 0 && outer.key(entry) != outer.key(next - 1)));
    window = onwards ? Math.min(window * 2, MOST) : FIRST;
    if (innerRoot != root) {
      innerRoot = root;
      places.ofNone();
    }
    outer.setNext(entry + 1);
  }

  /** SQLite was given a leaf of a table, below the interior page in a slot. */
  void tableLeaf(View view, int slot, List<Integer> to) {
    if (innerRoot != 0 && lastRoot == innerRoot && rows.follows() && !places.isKnown()) {
      places.of(slot);
      goOn(view, to);
    }
    arrived(view, to);
  }

  /** Something may have arrived since the last call. */
  void arrived(View view, List<Integer> to) {
    if (pending) {
      goOn(view, to);
    }
  }

  /** Whether a page was foreseen, so that no other guess is needed. */
  boolean expects(int pgno) {
    return !asked.isEmpty() && asked.contains(pgno);
  }

  /** The outer entry whose rowid an inner leaf has among its keys, the next ones first; or -1. */
  private int entryIn(IndexLeaf inner) {
    int count = outer.count();
    int keys = inner.count();
    for (int i = 0; i < count && keys > 0; i++) {
      int entry = (outer.next() + i) % count;
      long rowid = outer.rowid(entry);
      if (rowid >= inner.key(0) && rowid <= inner.key(keys - 1) && inner.hasKey(rowid)) {
        return entry;
      }
    }
    return -1;
  }

  /** Looks the next entries up, as far as that goes without a wait. */
  private void goOn(View view, List<Integer> to) {
    pending = false;
    int end = Math.min(outer.next() + window, outer.count());
    for (int i = outer.next(); i < end && follows(i); i++) {
      lookUp(view, outer.rowid(i), to);
    }
  }

  /**
   * Whether an entry's turn comes after the one before it. Of a leaf that was only just read no
   * entry was looked up yet: where the statement begins in it is not known, unless it walks.
   */
  private boolean follows(int entry) {
    return walks || (entry > 0 && outer.key(entry) == outer.key(entry - 1));
  }

  private void lookUp(View view, long key, List<Integer> to) {
    int pgno = innerRoot;
    for (int level = 0; level < HEIGHT && pgno > 0; level++) {
      byte[] page = cached(view, pgno);
      if (page == null) {
        want(pgno, to);
        pending = true;
        return;
      }
      IndexCells cells = new IndexCells(page);
      int entry = cells.lowerBound(key);
      if (page[0] != IndexCells.INTERIOR) {
        rowsOf(cells, entry, key, to);
        return;
      }
      pgno = cells.child(entry);
    }
  }

  private void rowsOf(IndexCells cells, int first, long key, List<Integer> to) {
    if (!places.isKnown()) {
      return;
    }
    int end = Math.min(cells.count(), first + ROWS);
    for (int i = first; i < end && cells.read(i) && cells.key() == key; i++) {
      int page = places.leaf(cells.rowid());
      want(Math.abs(page), to);
      pending |= page < 0;
    }
  }

  private byte @Nullable [] cached(View view, int pgno) {
    IndexedFile file = pgno > view.commit() ? null : view.map().find(pgno);
    byte[] page = new byte[view.pageSize()];
    return file != null && cache.peek(file.id(), pgno, page) ? page : null;
  }

  private void want(int pgno, List<Integer> to) {
    if (asked.size() == MOST_ASKED) {
      asked.clear();
    }
    if (pgno != 0 && asked.add(pgno)) {
      to.add(pgno);
    }
  }
}
