package dev.rivulet.page;

import java.util.List;

/**
 * Foresees the lookups of a statement that goes through an index: the rows come in the order of the
 * index's entries, and {@link TreeHints} knows below which page of the table each rowid lies. So
 * exactly the pages that will be needed are fetched, however far apart they lie.
 *
 * <p>Sure of itself only after two lookups in a row that were the index's next entries; then it
 * goes 16 entries ahead, twice as many each time, for what looked like a long walk may be two rows.
 * It stays among the entries of one key until the statement has gone on to those of another.
 */
final class IndexFollower {
  private static final int SURE = 2;
  private static final int FIRST = 16;

  /** Entries that may pass without a read between two lookups: SQLite still had their pages. */
  private static final int SKIP = 8;

  /** More entries than a page of 4 KiB has. */
  private static final int MOST = 1024;

  private final IndexLeaf leaf = new IndexLeaf();
  private final TreeHints hints;
  private final RowPlaces places;

  private int matches;
  private boolean pastEnd;
  private int window = FIRST;

  /** Of the entry that was looked up last. */
  private long key;

  /** Whether the lookups went from one key to another. */
  private boolean walks;

  /** Entries before this have been asked for. */
  private int asked;

  IndexFollower(TreeHints hints) {
    this.hints = hints;
    this.places = new RowPlaces(hints);
  }

  /** SQLite was given a page of an index. */
  void indexPage(long address, int pageSize) {
    leaf.note(address, pageSize);
    asked = 0;
    pastEnd = false;
  }

  /** Whether a page is where the index's next entry leads, so that no other guess is needed. */
  boolean expects(long hint) {
    if (matches == 0
        || hint == TreeHints.NONE
        || !leaf.isNoted()
        || !hints.isTable(TreeHints.slot(hint))) {
      return false;
    }
    int entry = leaf.next();
    if (entry >= leaf.count()) {
      return !pastEnd;
    }
    return hints.holds(TreeHints.slot(hint), TreeHints.position(hint), leaf.rowid(entry));
  }

  /** The page of an index that was read last. */
  IndexLeaf leaf() {
    return leaf;
  }

  /** Whether the last lookup was of an entry of {@link #leaf}. */
  boolean follows() {
    return matches > 0;
  }

  /** Whether the rows come in the order of an index's entries, by the last two lookups. */
  boolean isSure() {
    return matches >= SURE;
  }

  /**
   * SQLite was given a leaf of a table.
   *
   * @param hint of the page
   * @param to takes the pages that will be wanted next; interior pages that must be known first are
   *     among them
   */
  void tableLeaf(long hint, List<Integer> to) {
    if (!leaf.isNoted() || !hints.isTable(TreeHints.slot(hint))) {
      return;
    }
    int slot = TreeHints.slot(hint);
    int position = TreeHints.position(hint);
    int count = leaf.count();
    if (leaf.next() >= count && !pastEnd) {
      // Between two leaves comes the entry that stands in the interior page above them.
      pastEnd = true;
      return;
    }
    int entry = find(slot, position, leaf.next(), matches == 0 ? count : leaf.next() + SKIP);
    if (entry == count) {
      matches = 0;
      window = FIRST;
      walks = false;
      return;
    }
    walks |= matches > 0 && leaf.key(entry) != key;
    key = leaf.key(entry);
    // Entries after it whose rows lie on the same page come without another read.
    while (entry + 1 < count && hints.holds(slot, position, leaf.rowid(entry + 1))) {
      entry++;
    }
    leaf.setNext(entry + 1);
    matches++;
    if (isSure() && asked - entry < window / 2) {
      ask(slot, entry, walks ? count : endOfKey(entry, count), to);
    }
  }

  /** The first entry of some whose row lies on a page; {@code leaf.count()} if none does. */
  private int find(int slot, int position, int from, int to) {
    int end = Math.min(to, leaf.count());
    for (int i = from; i < end; i++) {
      if (hints.holds(slot, position, leaf.rowid(i))) {
        return i;
      }
    }
    return leaf.count();
  }

  /** The first entry after one of {@link #key} that has another. */
  private int endOfKey(int entry, int count) {
    int end = entry;
    while (end < count && leaf.key(end) == key) {
      end++;
    }
    return end;
  }

  /** Asks for what entries after one lead to, up to an end, if they have not been asked for. */
  private void ask(int slot, int entry, int end, List<Integer> to) {
    places.of(slot);
    int until = Math.min(end, entry + 1 + window);
    int last = 0;
    int known = until;
    for (int i = Math.max(asked, entry + 1); i < end; i++) {
      int page = places.leaf(leaf.rowid(i));
      if (page < 0) {
        // To be known when its turn comes: asked for now, however far ahead, for there are few.
        known = Math.min(known, i);
        page = -page;
      } else if (i >= until) {
        continue;
      }
      if (page != last && page != 0) {
        to.add(page);
        last = page;
      }
    }
    asked = known;
    window = Math.min(window * 2, MOST);
  }
}
