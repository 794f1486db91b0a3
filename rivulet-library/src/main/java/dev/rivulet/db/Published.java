package dev.rivulet.db;

import dev.rivulet.page.View;
import org.jspecify.annotations.Nullable;

/**
 * What a new transaction reads.
 *
 * @param view the newest known one
 * @param lineage which of the replica's histories it belongs to: grows when the replica was
 *     replaced by another under the same URL. A connection keeps to the lineage of its opening,
 *     because SQLite would take another database's schema for the one that it has read
 * @param proven the last TXID of the view published before that a file in the store, known already,
 *     proves to be of this history; {@link #ALL} if there is no doubt of any. While nobody looked,
 *     a replica may have been restored to an earlier state and have gone on, so that nothing tells
 */
record Published(View view, int lineage, long proven) {
  /** There is no doubt. */
  static final long ALL = Long.MAX_VALUE;

  Published(View view, int lineage) {
    this(view, lineage, ALL);
  }

  /** Whether nothing was published between the two: identity, which is all that is ever asked. */
  @SuppressWarnings("ReferenceEquality")
  boolean is(@Nullable Published other) {
    return this == other;
  }
}
