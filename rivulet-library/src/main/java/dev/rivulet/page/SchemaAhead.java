package dev.rivulet.page;

import java.util.ArrayList;
import java.util.List;

/**
 * Fetches what the first statement needs before it asks: the roots that page 1 names, or where page
 * 1 has only the way to the schema, the pages of that. Thread-safe; it waits for no request.
 */
final class SchemaAhead {
  /** Roots fetched ahead: a request each at worst, all in the time of one. */
  private static final int ROOTS = 16;

  /** Where the B-tree of page 1 begins, after the database's header (SQLite file format, 1.3). */
  private static final int HEADER = 100;

  private static final int INTERIOR = 5;

  private final Fetcher fetcher;

  SchemaAhead(Fetcher fetcher) {
    this.fetcher = fetcher;
  }

  /**
   * Starts fetching them.
   *
   * @param page1 of the view
   */
  void fetch(View view, byte[] page1) {
    List<FrameRef> wanted = new ArrayList<>();
    for (int pgno : named(page1)) {
      IndexedFile holder = pgno > view.commit() ? null : view.map().find(pgno);
      if (holder != null && wanted.size() < ROOTS) {
        FrameRef frame = new FrameRef(holder, holder.index().rank(pgno));
        if (!fetcher.has(frame) && !wanted.contains(frame)) {
          wanted.add(frame);
        }
      }
    }
    if (!wanted.isEmpty()) {
      fetcher.fetchAhead(RangePlanner.plan(wanted, 32 * 1024, FileLoader.WHOLE), view.map());
    }
  }

  private static int[] named(byte[] page1) {
    int[] roots = SchemaPages.roots(page1, HEADER, ROOTS);
    if (roots.length > 0 || page1[HEADER] != INTERIOR) {
      return roots;
    }
    int[] children = TreeHints.children(page1, HEADER);
    return children == null ? roots : children;
  }
}
