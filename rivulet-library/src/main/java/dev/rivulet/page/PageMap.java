package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import org.jspecify.annotations.Nullable;

/**
 * Which file holds the newest frame of each page. Immutable, and shared by every reader of a view.
 *
 * <p>A complete file (a snapshot) is the base and costs nothing here: its own index says what it
 * holds. What later files changed lies over it in a radix tree of 64-way nodes, of which a new map
 * copies only the nodes on the paths to the pages that changed: k changed pages of n cost O(k log
 * n). With the indexes, a page costs about 2 bytes in the base and at most 11 above it (4 for the
 * reference, 4 for the page number in its file's index, 2 or so for the size).
 *
 * <p>A file that shrinks the database takes the pages beyond its commit out: if it grows again,
 * they are new pages, and what they once held is never found.
 *
 * <p>Lookups allocate nothing and are safe from any thread.
 */
public final class PageMap {
  private static final int BITS = 6;
  private static final int WIDTH = 1 << BITS;
  private static final int MASK = WIDTH - 1;

  /** The map of a database without pages. */
  public static final PageMap EMPTY = new PageMap(null, 0, null, 0, 0);

  private final @Nullable IndexedFile base;

  /** The smallest database since the base: the base's pages beyond it are gone. */
  private final int basePages;

  /** Inner nodes are arrays of nodes, leaves are arrays of files; absent parts are null. */
  private final @Nullable Object @Nullable [] root;

  /** The tree's height: a tree of height h covers page numbers below 64^h. */
  private final int height;

  /** The size of the database in pages; the tree holds none beyond it. */
  private final int commit;

  private PageMap(
      @Nullable IndexedFile base,
      int basePages,
      @Nullable Object @Nullable [] root,
      int height,
      int commit) {
    this.base = base;
    this.basePages = basePages;
    this.root = root;
    this.height = height;
    this.commit = commit;
  }

  /** The size of the database in pages. */
  int pages() {
    return commit;
  }

  /** The file with the newest frame of a page, or null if no file has one. */
  public @Nullable IndexedFile find(int pgno) {
    if (root != null && (height >= 6 || pgno >>> (BITS * height) == 0)) {
      Object node = root;
      for (int shift = BITS * (height - 1); shift >= 0; shift -= BITS) {
        node = ((Object[]) node)[(pgno >>> shift) & MASK];
        if (node == null) {
          break;
        }
      }
      if (node != null) {
        return (IndexedFile) node;
      }
    }
    IndexedFile b = base;
    return b != null && pgno <= basePages && b.index().rank(pgno) >= 0 ? b : null;
  }

  /** A new map in which every page of a newer file is that file's, and no page is beyond it. */
  public PageMap with(IndexedFile file) {
    int pages = file.header().commit();
    if (file.isComplete()) {
      return new PageMap(file, pages, null, 0, pages);
    }
    @Nullable Object[] tree = root != null && pages < commit ? trim(root, height, pages) : root;
    int h = height;
    FrameIndex index = file.index();
    if (index.count() > 0) {
      h = Math.max(height, heightFor(index.pgno(index.count() - 1)));
      if (tree != null) {
        for (int i = height; i < h; i++) {
          @Nullable Object[] above = new @Nullable Object[WIDTH];
          above[0] = tree;
          tree = above;
        }
      }
      tree = overlay(tree, h, file, 0, index.count());
    }
    return new PageMap(base, Math.min(basePages, pages), tree, h, pages);
  }

  /** Copies a node with the ranks {@code from} to {@code to} of the file laid over it. */
  private static @Nullable Object[] overlay(
      @Nullable Object @Nullable [] node, int h, IndexedFile file, int from, int to) {
    @Nullable Object[] copy = node == null ? new @Nullable Object[WIDTH] : node.clone();
    FrameIndex index = file.index();
    int shift = BITS * (h - 1);
    int rank = from;
    while (rank < to) {
      int slot = (index.pgno(rank) >>> shift) & MASK;
      if (h == 1) {
        copy[slot] = file;
        rank++;
        continue;
      }
      int end = rank + 1;
      while (end < to && ((index.pgno(end) >>> shift) & MASK) == slot) {
        end++;
      }
      copy[slot] = overlay((Object[]) copy[slot], h - 1, file, rank, end);
      rank = end;
    }
    return copy;
  }

  /** Copies a node without what lies beyond a page; {@code last} may itself lie beyond the node. */
  private static @Nullable Object[] trim(@Nullable Object[] node, int h, int last) {
    int shift = BITS * (h - 1);
    int slot = h >= 6 ? last >>> shift : Math.min(last >>> shift, WIDTH);
    if (slot >= WIDTH) {
      return node;
    }
    @Nullable Object[] copy = node.clone();
    java.util.Arrays.fill(copy, slot + 1, WIDTH, null);
    Object child = copy[slot];
    if (h > 1 && child != null) {
      copy[slot] = trim((Object[]) child, h - 1, last & ((1 << shift) - 1));
    }
    return copy;
  }

  private static int heightFor(int pgno) {
    int h = 1;
    while (h < 6 && pgno >>> (BITS * h) != 0) {
      h++;
    }
    return h;
  }
}
