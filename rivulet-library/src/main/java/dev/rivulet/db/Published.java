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
 */
record Published(View view, int lineage) {
  /** Whether nothing was published between the two: identity, which is all that is ever asked. */
  @SuppressWarnings("ReferenceEquality")
  boolean is(@Nullable Published other) {
    return this == other;
  }
}
