package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the B-trees: for recently seen interior pages, which pages are their children,
 * in key order.
 *
 * <p>Learned from every interior page on its way into the cache. Only hints: a page number may have
 * another meaning in another view, an entry may be overwritten by a collision; what follows from a
 * wrong one is a useless fetch. So there is one lock for writers and none for readers.
 *
 * <p>A hint is a {@code long}: the child, the parent's slot, and the child's position in it.
 */
final class TreeHints {
  /** {@link #find}: nothing is known of the page's parent. */
  static final long NONE = 0;

  /** Interior pages remembered at most, however few children they have. */
  static final int PARENTS = 4096;

  /**
   * Children remembered in all, which is what takes memory, 12 bytes for each: those of 250
   * interior pages of a table in pages of 4 KiB, of 1,400 in pages of 512 bytes, or of an index
   * over long keys. More than a window of the readahead passes, and the other trees of a join.
   */
  private static final int CHILDREN = 100_000;

  private static final int PARENT_BITS = 14;
  private static final int CHILD_BITS = 16;

  /** No tree is higher; a cycle in a hostile one ends here. */
  private static final int HEIGHT = 8;

  private static final int TABLE_INTERIOR = 5;
  private static final int INDEX_INTERIOR = 2;

  /** What tells a leaf's first byte from that of an interior page (SQLite file format, 1.6). */
  private static final int LEAF = 8;

  private static final int PAGE_1_HEADER = 100;
  private static final int INTERIOR_HEADER = 12;

  private static final int[] NO_CHILDREN = {};
  private static final long[] NO_KEYS = {};

  private final int[] parents = new int[PARENTS];
  private final int[][] children = new int[PARENTS][];

  /** Of a table's interior page: the largest rowid below each child but the last. */
  private final long[][] keys = new long[PARENTS][];

  /** Whether the children are interior pages: one of them was remembered. */
  private final boolean[] upper = new boolean[PARENTS];

  /** Whether one was since the page was put into this slot. */
  private final boolean[] used = new boolean[PARENTS];

  private final long[] byChild = new long[1 << CHILD_BITS];

  /** A page's slot, if it is in one: direct-mapped, so one of two may be missing. */
  private final short[] byParent = new short[1 << PARENT_BITS];

  /** The slot to be filled next, after those that were filled last; and how many are full. */
  private int nextSlot;

  private int full;
  private int allChildren;

  TreeHints() {
    Arrays.fill(children, NO_CHILDREN);
    Arrays.fill(keys, NO_KEYS);
  }

  /** Looks at a page that was just decoded, and remembers it if it is an interior page. */
  void learn(int pgno, long address, int pageSize) {
    int header = pgno == 1 ? PAGE_1_HEADER : 0;
    int type = NativeMemory.readByte(address + header);
    if (!isInterior(type)) {
      return;
    }
    byte[] page = new byte[pageSize];
    NativeMemory.read(address, page, 0, pageSize);
    int[] found = children(page, header);
    if (found != null) {
      remember(pgno, found, type == TABLE_INTERIOR ? keys(page, header) : NO_KEYS);
    }
  }

  /** Whether a page that begins with this byte is an interior page; page 1 begins otherwise. */
  static boolean isInterior(int type) {
    return type == TABLE_INTERIOR || type == INDEX_INTERIOR;
  }

  /** The first byte of the leaves of the tree that a page belongs to, by its first byte. */
  static int leafType(int type) {
    return type | LEAF;
  }

  /** The children of an interior page, or null if it cannot be one. */
  static int @Nullable [] children(byte[] page, int header) {
    int cells = u16(page, header + 3);
    int pointers = header + INTERIOR_HEADER;
    if (pointers + 2 * cells > page.length) {
      return null;
    }
    int[] found = new int[cells + 1];
    for (int i = 0; i < cells; i++) {
      int cell = u16(page, pointers + 2 * i);
      if (cell + 4 > page.length) {
        return null;
      }
      found[i] = i32(page, cell);
    }
    found[cells] = i32(page, header + 8);
    for (int child : found) {
      if (child < 2) {
        return null;
      }
    }
    return found;
  }

  /** The rowids that divide the children of a table's interior page that {@link #children} took. */
  private static long[] keys(byte[] page, int header) {
    long[] keys = new long[u16(page, header + 3)];
    for (int i = 0; i < keys.length; i++) {
      RecordCursor cell = new RecordCursor(page, u16(page, header + INTERIOR_HEADER + 2 * i) + 4);
      keys[i] = cell.varint();
    }
    return keys;
  }

  private synchronized void remember(int pgno, int[] found, long[] dividers) {
    int slot = slotOf(pgno);
    if (slot < 0) {
      while (full == PARENTS || (full > 0 && allChildren + found.length > CHILDREN)) {
        forgetOldest();
      }
      slot = takeSlot(pgno);
    }
    fill(slot, found, dividers);
    long above = find(pgno);
    if (above != NONE) {
      upper[slot(above)] = true;
      used[slot(above)] = true;
    }
  }

  private int takeSlot(int pgno) {
    int slot = nextSlot;
    nextSlot = (nextSlot + 1) % PARENTS;
    full++;
    parents[slot] = pgno;
    int bucket = parentBucket(pgno);
    int before = byParent[bucket];
    if (!upper[before] || parentBucket(parents[before]) != bucket) {
      byParent[bucket] = (short) slot;
    }
    return slot;
  }

  private void fill(int slot, int[] found, long[] dividers) {
    allChildren += found.length - children[slot].length;
    children[slot] = found;
    keys[slot] = dividers;
    for (int i = 0; i < found.length; i++) {
      int bucket = bucket(found[i]);
      long before = find((int) (byChild[bucket] >>> 32));
      // Interior pages are few, and without them nothing is known of all that lies below.
      if (before == NONE || !upper[slot(before)] || before >>> 32 == found[i]) {
        byChild[bucket] = (long) found[i] << 32 | (long) slot << 16 | i;
      }
    }
  }

  /**
   * Forgets the oldest page, unless one below it was remembered lately: then it is put with the
   * newest. SQLite keeps the upper pages of a tree that it scans, and asks for them only once.
   */
  private void forgetOldest() {
    int oldest = Math.floorMod(nextSlot - full, PARENTS);
    int page = parents[oldest];
    int[] its = children[oldest];
    long[] dividers = keys[oldest];
    boolean again = used[oldest];
    allChildren -= its.length;
    children[oldest] = NO_CHILDREN;
    keys[oldest] = NO_KEYS;
    parents[oldest] = 0;
    used[oldest] = false;
    upper[oldest] = false;
    full--;
    if (again) {
      int slot = takeSlot(page);
      fill(slot, its, dividers);
      upper[slot] = true;
    }
  }

  private int slotOf(int pgno) {
    int slot = byParent[parentBucket(pgno)];
    return parents[slot] == pgno ? slot : -1;
  }

  private static int parentBucket(int pgno) {
    return (pgno ^ pgno >>> PARENT_BITS) & ((1 << PARENT_BITS) - 1);
  }

  /** The hint of a page as somebody's child, or {@link #NONE}. */
  long find(int pgno) {
    long hint = byChild[bucket(pgno)];
    return hint >>> 32 == pgno && child(slot(hint), position(hint)) == pgno ? hint : NONE;
  }

  static int slot(long hint) {
    return (int) hint >>> 16;
  }

  static int position(long hint) {
    return (int) hint & 0xffff;
  }

  /** The page number of the parent in a slot. */
  int parent(int slot) {
    return parents[slot];
  }

  /** How many children the parent in a slot has. */
  int count(int slot) {
    return children[slot].length;
  }

  /** A child by position, or 0 if there is none. */
  int child(int slot, int position) {
    int[] c = children[slot];
    return position < 0 || position >= c.length ? 0 : c[position];
  }

  /** The slot of the interior page that follows a slot's at its level; -1 if not known. */
  int nextSibling(int slot) {
    int page = nextInterior(slot);
    return page == 0 ? -1 : childrenOf(page);
  }

  /** The interior page that follows a slot's at its level; 0 if not known. */
  int nextInterior(int slot) {
    return nextInterior(slot, HEIGHT);
  }

  private int nextInterior(int slot, int height) {
    long above = find(parent(slot));
    if (above == NONE || height == 0) {
      return 0;
    }
    int page = child(slot(above), position(above) + 1);
    if (page != 0) {
      return page;
    }
    int uncle = nextInterior(slot(above), height - 1);
    int cousins = uncle == 0 ? -1 : childrenOf(uncle);
    return cousins < 0 ? 0 : child(cousins, 0);
  }

  /** The slot of an interior page's children, or -1 if they are not known. */
  int childrenOf(int pgno) {
    int slot = slotOf(pgno);
    return slot >= 0 && children[slot].length > 0 ? slot : -1;
  }

  /** Whether a slot's page belongs to a table, not to an index. */
  boolean isTable(int slot) {
    return keys[slot].length > 0;
  }

  /**
   * Whether a rowid lies below a child of a table's interior page. What bounds the first and the
   * last child stands in the pages above.
   */
  boolean holds(int slot, int position, long rowid) {
    boolean below = false;
    boolean above = false;
    int s = slot;
    int p = position;
    for (int i = 0; i < HEIGHT && !(below && above); i++) {
      long[] k = keys[s];
      if (!above && p > 0 && p <= k.length) {
        if (rowid <= k[p - 1]) {
          return false;
        }
        above = true;
      }
      if (!below && p < k.length) {
        if (rowid > k[p]) {
          return false;
        }
        below = true;
      }
      long hint = find(parents[s]);
      if (hint == NONE) {
        break;
      }
      s = slot(hint);
      p = position(hint);
    }
    return true;
  }

  /** The position of the child of a table's interior page that a rowid lies below. */
  int positionOf(int slot, long rowid) {
    int at = Arrays.binarySearch(keys[slot], rowid);
    return at < 0 ? -at - 1 : at;
  }

  private static int bucket(int pgno) {
    // Neighbouring page numbers are likely siblings: the low bits keep them apart.
    return (pgno ^ pgno >>> CHILD_BITS) & ((1 << CHILD_BITS) - 1);
  }

  private static int u16(byte[] b, int at) {
    return (b[at] & 0xff) << 8 | b[at + 1] & 0xff;
  }

  private static int i32(byte[] b, int at) {
    return u16(b, at) << 16 | u16(b, at + 2);
  }
}
