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
 * <p>Lookups allocate nothing and are safe from any thread.
 */
public final class PageMap {
  private static final int BITS = 6;
  private static final int WIDTH = 1 << BITS;
  private static final int MASK = WIDTH - 1;

  /** The map of a database without pages. */
  public static final PageMap EMPTY = new PageMap(null, null, 0);

  private final @Nullable IndexedFile base;

  /** Inner nodes are arrays of nodes, leaves are arrays of files; absent parts are null. */
  private final @Nullable Object @Nullable [] root;

  /** The tree's height: a tree of height h covers page numbers below 64^h. */
  private final int height;

  private PageMap(@Nullable IndexedFile base, @Nullable Object @Nullable [] root, int height) {
    this.base = base;
    this.root = root;
    this.height = height;
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
    return b != null && b.index().rank(pgno) >= 0 ? b : null;
  }

  /** A new map in which every page of a newer file is that file's. */
  public PageMap with(IndexedFile file) {
    FrameIndex index = file.index();
    if (index.count() == 0) {
      return this;
    }
    if (file.isComplete()) {
      return new PageMap(file, null, 0);
    }
    int needed = heightFor(index.pgno(index.count() - 1));
    @Nullable Object[] grown = root;
    int h = Math.max(height, needed);
    if (grown != null) {
      for (int i = height; i < h; i++) {
        @Nullable Object[] above = new @Nullable Object[WIDTH];
        above[0] = grown;
        grown = above;
      }
    }
    return new PageMap(base, overlay(grown, h, file, 0, index.count()), h);
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

  private static int heightFor(int pgno) {
    int h = 1;
    while (h < 6 && pgno >>> (BITS * h) != 0) {
      h++;
    }
    return h;
  }
}
