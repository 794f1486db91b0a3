/**
 * {@code ./bench}: Rivulet and the released Litestream extension side by side, in the stock {@code
 * sqlite3} program or a small host of our own, against one S3 server behind one {@link
 * dev.rivulet.testing.DelayProxy}.
 *
 * <p>Both get the same replicas, environment and statements, in cold processes that take turns; an
 * answer that differs from the local database's is an error, whatever its time.
 */
@NullMarked
package dev.rivulet.bench;

import org.jspecify.annotations.NullMarked;
